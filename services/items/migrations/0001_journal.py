"""The three tables that every service database has."""

from services.chassis.schema.journal import create_journal, drop_journal

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_journal()


def downgrade() -> None:
    drop_journal()
