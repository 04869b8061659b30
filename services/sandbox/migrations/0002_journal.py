"""The three tables that every service database has; the provider announces nothing, so they stay empty."""

from services.chassis.schema.journal import create_journal, drop_journal

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_journal()


def downgrade() -> None:
    drop_journal()
