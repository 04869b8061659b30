"""The tables of orders, and what the database itself refuses."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.chassis.database.types import Json, Serial, UtcDateTime
from services.chassis.outbox.tables import journal

METADATA = MetaData()
journal(METADATA)

OFFERED_ITEMS = Table(
    "offered_items",
    METADATA,
    Column("item_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),  # Of the item, so that news which was overtaken is dropped.
)

OFFERS = Table(
    "offers",
    METADATA,
    Column("sku", String(40), primary_key=True),
    Column("item_id", Uuid, nullable=False, index=True),
    Column("seller_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("tax_rate_bp", Integer, nullable=False),
    Column("image_url", Text),
)

SELLERS = Table(
    "sellers",
    METADATA,
    Column("seller_id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("suspended", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

CARTS = Table(
    "carts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid),
    Column("token_hash", LargeBinary),
    Column("currency", String(3)),
    Column("lines", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("checkout_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint("owner_id is not null or token_hash is not null", name="carts_belong_to_someone"),
)
_open_cart = CARTS.c.checkout_id.is_(None)
Index("carts_open", CARTS.c.owner_id, CARTS.c.changed_at, postgresql_where=_open_cart, sqlite_where=_open_cart)
Index("carts_old", CARTS.c.changed_at)

CHECKOUTS = Table(
    "checkouts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("buyer_id", Uuid, nullable=False),
    Column("cart_id", Uuid, nullable=False),
    Column("key", String(255), nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("address", Json),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("hold_attempt", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("turning_to", String(20)),
    Column("refusal", Json),
    Column("steps", Json, nullable=False),
    Column("charge_id", Uuid, nullable=False, unique=True),
    Column("charge_provider", String(20), nullable=False),
    Column("charge_method", String(200), nullable=False),
    Column("charge_asked_at", UtcDateTime, nullable=False),
    Column("charge_state", String(20), nullable=False),
    Column("charge_provider_id", String(255)),
    Column("charge_action_url", Text),
    Column("charge_decline_reason", String(64)),
    Column("charge_captured_minor", BigInteger, nullable=False),
    Column("charge_refunded_minor", BigInteger, nullable=False),
    CheckConstraint(
        "charge_refunded_minor between 0 and charge_captured_minor", name="checkouts_refund_what_was_captured"
    ),
)
_due = CHECKOUTS.c.due_at.is_not(None)
Index("checkouts_due", CHECKOUTS.c.due_at, postgresql_where=_due, sqlite_where=_due)
Index("checkouts_of_charge", CHECKOUTS.c.charge_provider_id)
Index("checkouts_of_buyer", CHECKOUTS.c.buyer_id, CHECKOUTS.c.id)

ORDERS = Table(
    "orders",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("checkout_id", Uuid, ForeignKey("checkouts.id"), nullable=False, index=True),
    Column("buyer_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("items_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("commission_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("shipping_refunded_minor", BigInteger, nullable=False),
    Column("commission_refunded_minor", BigInteger, nullable=False),
    Column("disputed_from", String(20)),
    Column("delivered_at", UtcDateTime),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint("refunded_minor between 0 and items_minor + shipping_minor", name="orders_refund_what_was_paid"),
    CheckConstraint("commission_refunded_minor between 0 and commission_minor", name="orders_return_what_was_kept"),
)
Index("orders_of_buyer", ORDERS.c.buyer_id, ORDERS.c.id)
Index("orders_of_seller", ORDERS.c.seller_id, ORDERS.c.id)
_delivered = ORDERS.c.state == "delivered"
Index("orders_delivered", ORDERS.c.delivered_at, postgresql_where=_delivered, sqlite_where=_delivered)

ORDER_LINES = Table(
    "order_lines",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("sku", String(40), nullable=False),
    Column("item_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("tax_rate_bp", Integer, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("image_url", Text),
    Column("fulfilment", String(20), nullable=False),
    Column("shipment_id", Uuid),
    Column("refunded_quantity", Integer, nullable=False),
    CheckConstraint("refunded_quantity between 0 and quantity", name="order_lines_refund_what_was_bought"),
)
Index("order_lines_of_order", ORDER_LINES.c.order_id, ORDER_LINES.c.position)

ORDER_HISTORY = Table(
    "order_history",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("order_id", Uuid, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("from_state", String(20), nullable=False),
    Column("to_state", String(20), nullable=False),
    Column("note", Text),
)

SHIPMENTS = Table(
    "shipments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False, index=True),
    Column("carrier", String(80), nullable=False),
    Column("tracking", String(120)),
    Column("shipped_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
)

REFUNDS = Table(
    "refunds",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False, index=True),
    Column("checkout_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("lines", Json, nullable=False),
    Column("items_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("commission_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("restock", Boolean, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("restocked", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    CheckConstraint("items_minor + shipping_minor > 0", name="refunds_give_something"),
)
_refund_due = REFUNDS.c.due_at.is_not(None)
Index("refunds_due", REFUNDS.c.due_at, postgresql_where=_refund_due, sqlite_where=_refund_due)

PROVIDER_EVENTS = Table(
    "provider_events",
    METADATA,
    Column("provider", String(20), primary_key=True),
    Column("event_id", String(255), primary_key=True),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("about", String(64)),
)

DISPUTES = Table(
    "disputes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("checkout_id", Uuid, ForeignKey("checkouts.id"), nullable=False, index=True),
    Column("provider_id", String(255), nullable=False, unique=True),
    Column("state", String(8), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)

LEDGER = Table(
    "ledger",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("posting_id", Uuid, nullable=False),
    Column("account", String(64), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("order_id", Uuid),
    Column("what", String(20), nullable=False),
    UniqueConstraint("posting_id", "account", name="ledger_books_once"),
)
Index("ledger_of_account", LEDGER.c.account, LEDGER.c.seq)

PAYOUTS = Table(
    "payouts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("seller_id", Uuid, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    CheckConstraint("amount_minor > 0", name="payouts_pay_something"),
)
Index("payouts_of_seller", PAYOUTS.c.seller_id, PAYOUTS.c.id)

ERASURES = Table(
    "erasures",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
)
