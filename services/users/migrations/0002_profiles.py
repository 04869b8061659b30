"""Profiles, addresses, sellers, follows and wish lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _addresses()
    _erased_users()
    _profiles()
    _sellers()
    _wish_lists()
    _follows()
    _wishes()


def downgrade() -> None:
    for table in ("wishes", "follows", "wish_lists", "sellers", "profiles", "erased_users", "addresses"):
        op.drop_table(table)


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("address", JSON, nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("addresses_by_user", "addresses", ["user_id", "id"])
    some = sa.text("is_default")
    op.create_index(
        "addresses_one_default", "addresses", ["user_id"], unique=True, postgresql_where=some, sqlite_where=some
    )


def _erased_users() -> None:
    op.create_table(
        "erased_users",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )


def _profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registered_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("version > 0", name="profiles_version"),
        sa.PrimaryKeyConstraint("user_id"),
    )


def _sellers() -> None:
    op.create_table(
        "sellers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("about", sa.String(2000), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("applied_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("reason", sa.String(500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('applied', 'approved', 'rejected', 'suspended', 'closed')", name="sellers_state"),
        sa.CheckConstraint("version > 0", name="sellers_version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index("sellers_by_state", "sellers", ["state", "id"])


def _wish_lists() -> None:
    op.create_table(
        "wish_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("wish_lists_by_user", "wish_lists", ["user_id", "id"])


def _follows() -> None:
    op.create_table(
        "follows",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("followed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"]),
        sa.PrimaryKeyConstraint("user_id", "seller_id"),
    )
    op.create_index("follows_by_seller", "follows", ["seller_id"])


def _wishes() -> None:
    op.create_table(
        "wishes",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["wish_lists.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "item_id"),
    )
