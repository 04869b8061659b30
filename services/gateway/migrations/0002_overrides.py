"""Overrides by staff, and the use of API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _key_usage()
    _limit_overrides()
    _route_overrides()


def downgrade() -> None:
    for table in ("route_overrides", "limit_overrides", "key_usage"):
        op.drop_table(table)


def _key_usage() -> None:
    op.create_table(
        "key_usage",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "day"),
    )
    op.create_index("key_usage_by_user", "key_usage", ["user_id", "day"])
    op.create_index("key_usage_by_day", "key_usage", ["day", "key_id"])


def _limit_overrides() -> None:
    op.create_table(
        "limit_overrides",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("burst", sa.Integer(), nullable=False),
        sa.Column("per_s", sa.Float(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("burst > 0 AND per_s > 0", name="limit_overrides_positive"),
        sa.PrimaryKeyConstraint("name"),
    )


def _route_overrides() -> None:
    op.create_table(
        "route_overrides",
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("closed_s", sa.Integer()),
        sa.Column("canary_header", sa.String(100)),
        sa.Column("canary_weight", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("canary_weight BETWEEN 0 AND 100", name="route_overrides_weight"),
        sa.PrimaryKeyConstraint("path"),
    )
