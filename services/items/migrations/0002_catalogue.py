"""Sellers, categories, items, variants, and what the public reads of them."""

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
    _sellers()
    _categories()
    _items()
    _variants()
    _listings()
    _offers()


def downgrade() -> None:
    for table in ("offers", "listings", "variants", "items", "categories", "sellers"):
        op.drop_table(table)


def _sellers() -> None:
    op.create_table(
        "sellers",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seller_id"),
    )
    op.create_index("ix_sellers_owner_id", "sellers", ["owner_id"])


def _categories() -> None:
    op.create_table(
        "categories",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("parent", sa.String(60)),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["categories.slug"]),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_index("ix_categories_parent", "categories", ["parent"])


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(60)),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("images", JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("listed_at", MOMENT),
        sa.ForeignKeyConstraint(["category"], ["categories.slug"]),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.seller_id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("seller_id", "reference", name="items_reference"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index("items_of_seller", "items", ["seller_id", "id"])
    op.create_index("ix_items_category", "items", ["category"])


def _variants() -> None:
    op.create_table(
        "variants",
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("price_minor > 0", name="variants_price"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.PrimaryKeyConstraint("sku"),
    )
    op.create_index("ix_variants_item_id", "variants", ["item_id"])


def _listings() -> None:
    op.create_table(
        "listings",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("listed_at", MOMENT, nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("item_id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_index("listings_newest", "listings", ["listed_at", "item_id"])
    op.create_index("listings_of_category", "listings", ["category", "listed_at", "item_id"])
    op.create_index("listings_of_seller", "listings", ["seller_id", "listed_at", "item_id"])


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("offer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sku"),
    )
    op.create_index("ix_offers_item_id", "offers", ["item_id"])
