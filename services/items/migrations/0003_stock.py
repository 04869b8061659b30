"""Stock, the holds on it, and what came back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _stock()
    _holds()
    _reservations()
    _restocks()


def downgrade() -> None:
    for table in ("restocks", "reservations", "holds", "stock"):
        op.drop_table(table)


def _stock() -> None:
    op.create_table(
        "stock",
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("reserved >= 0 and reserved <= on_hand", name="stock_reserved"),
        sa.PrimaryKeyConstraint("sku"),
    )
    op.create_index("ix_stock_item_id", "stock", ["item_id"])


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hold_id"),
    )
    some = sa.text("state = 'held'")
    op.create_index("holds_due", "holds", ["expires_at"], postgresql_where=some, sqlite_where=some)


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hold_id", "sku"),
    )
    op.create_index("reservations_of_sku", "reservations", ["sku", "expires_at"])


def _restocks() -> None:
    op.create_table(
        "restocks",
        sa.Column("restock_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("restock_id"),
    )
