"""Checkouts, orders, their lines, history and parcels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_REFUND_WHAT_WAS_PAID = "refunded_minor between 0 and items_minor + shipping_minor"
_RETURN_WHAT_WAS_KEPT = "commission_refunded_minor between 0 and commission_minor"


def upgrade() -> None:
    _checkouts()
    _orders()
    _order_lines()
    _order_history()
    _shipments()


def downgrade() -> None:
    for table in ("shipments", "order_history", "order_lines", "orders", "checkouts"):
        op.drop_table(table)


def _checkouts_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("address", JSON),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("hold_attempt", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("turning_to", sa.String(20)),
        sa.Column("refusal", JSON),
        sa.Column("steps", JSON, nullable=False),
    )


def _charge_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("charge_id", sa.Uuid(), nullable=False),
        sa.Column("charge_provider", sa.String(20), nullable=False),
        sa.Column("charge_method", sa.String(200), nullable=False),
        sa.Column("charge_asked_at", MOMENT, nullable=False),
        sa.Column("charge_state", sa.String(20), nullable=False),
        sa.Column("charge_provider_id", sa.String(255)),
        sa.Column("charge_action_url", sa.Text()),
        sa.Column("charge_decline_reason", sa.String(64)),
        sa.Column("charge_captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("charge_refunded_minor", sa.BigInteger(), nullable=False),
    )


def _checkouts() -> None:
    op.create_table(
        "checkouts",
        *_checkouts_columns(),
        *_charge_columns(),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(
            "charge_refunded_minor between 0 and charge_captured_minor", name="checkouts_refund_what_was_captured"
        ),
        sa.UniqueConstraint("charge_id"),
    )
    some = sa.text("due_at IS NOT NULL")
    op.create_index("checkouts_due", "checkouts", ["due_at"], postgresql_where=some, sqlite_where=some)
    op.create_index("checkouts_of_buyer", "checkouts", ["buyer_id", "id"])
    op.create_index("checkouts_of_charge", "checkouts", ["charge_provider_id"])


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("items_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("disputed_from", sa.String(20)),
        sa.Column("delivered_at", MOMENT),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(_REFUND_WHAT_WAS_PAID, name="orders_refund_what_was_paid"),
        sa.CheckConstraint(_RETURN_WHAT_WAS_KEPT, name="orders_return_what_was_kept"),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkouts.id"]),
    )
    _index_orders()


def _index_orders() -> None:
    op.create_index("ix_orders_checkout_id", "orders", ["checkout_id"])
    some = sa.text("state = 'delivered'")
    op.create_index("orders_delivered", "orders", ["delivered_at"], postgresql_where=some, sqlite_where=some)
    op.create_index("orders_of_buyer", "orders", ["buyer_id", "id"])
    op.create_index("orders_of_seller", "orders", ["seller_id", "id"])


def _order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("image_url", sa.Text()),
        sa.Column("fulfilment", sa.String(20), nullable=False),
        sa.Column("shipment_id", sa.Uuid()),
        sa.Column("refunded_quantity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("refunded_quantity between 0 and quantity", name="order_lines_refund_what_was_bought"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
    )
    op.create_index("order_lines_of_order", "order_lines", ["order_id", "position"])


def _order_history() -> None:
    op.create_table(
        "order_history",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("from_state", sa.String(20), nullable=False),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_order_history_order_id", "order_history", ["order_id"])


def _shipments() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.String(80), nullable=False),
        sa.Column("tracking", sa.String(120)),
        sa.Column("shipped_at", MOMENT, nullable=False),
        sa.Column("delivered_at", MOMENT),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"]),
    )
    op.create_index("ix_shipments_order_id", "shipments", ["order_id"])
