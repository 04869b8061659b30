"""What is on sale, who sells it, carts, and whom to forget."""

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
    _offered_items()
    _offers()
    _sellers()
    _carts()
    _erasures()


def downgrade() -> None:
    for table in ("erasures", "carts", "sellers", "offers", "offered_items"):
        op.drop_table(table)


def _offered_items() -> None:
    op.create_table(
        "offered_items",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id"),
    )


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("image_url", sa.Text()),
        sa.PrimaryKeyConstraint("sku"),
    )
    op.create_index("ix_offers_item_id", "offers", ["item_id"])


def _sellers() -> None:
    op.create_table(
        "sellers",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seller_id"),
    )
    op.create_index("ix_sellers_owner_id", "sellers", ["owner_id"])


def _carts() -> None:
    op.create_table(
        "carts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("token_hash", sa.LargeBinary()),
        sa.Column("currency", sa.String(3)),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("checkout_id", sa.Uuid()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("owner_id is not null or token_hash is not null", name="carts_belong_to_someone"),
    )
    op.create_index("carts_old", "carts", ["changed_at"])
    some = sa.text("checkout_id IS NULL")
    op.create_index("carts_open", "carts", ["owner_id", "changed_at"], postgresql_where=some, sqlite_where=some)


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
