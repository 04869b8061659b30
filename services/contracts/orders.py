"""What orders announces. All of it is told of one order: of one buyer, from one seller."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct

from services.contracts.items import Sku
from services.contracts.message import Event
from services.contracts.money import Money

EndReason = Literal["out_of_stock", "offer_missing", "price_changed", "expired", "buyer", "seller", "staff", "refunded"]


class SoldLine(Struct, frozen=True, kw_only=True):
    """One line as it was when it was sold."""

    line_id: UUID
    item_id: UUID
    sku: Sku
    title: str
    quantity: int
    unit_price: Money
    image_url: str | None = None


class OrderEvent(Event, frozen=True, kw_only=True):
    """Whom every order event concerns."""

    order_id: UUID
    checkout_id: UUID
    """The purchase it belongs to: one payment, one order a seller."""
    buyer_id: UUID
    seller_id: UUID


class OrderPlaced(OrderEvent, frozen=True, kw_only=True):
    """The order stands: its stock is taken and its money is captured. `OrderPaid` is told with it."""

    kind: ClassVar[str] = "orders.order.placed"
    lines: list[SoldLine]
    shipping: Money
    total: Money
    placed_at: datetime


class OrderPaid(OrderEvent, frozen=True, kw_only=True):
    """The buyer's money is here, and the seller may ship."""

    kind: ClassVar[str] = "orders.order.paid"
    total: Money


class OrderShipped(OrderEvent, frozen=True, kw_only=True):
    """A parcel is on its way; `lines` are the ones in it."""

    kind: ClassVar[str] = "orders.order.shipped"
    shipment_id: UUID
    carrier: str
    tracking: str | None
    lines: list[SoldLine]


class OrderDelivered(OrderEvent, frozen=True, kw_only=True):
    """All of it has arrived: its lines may be reviewed."""

    kind: ClassVar[str] = "orders.order.delivered"
    lines: list[SoldLine]
    delivered_at: datetime


class OrderCompleted(OrderEvent, frozen=True, kw_only=True):
    """The buyer confirmed, or said nothing for long enough: the seller's money is free to be paid out."""

    kind: ClassVar[str] = "orders.order.completed"


class OrderCancelled(OrderEvent, frozen=True, kw_only=True):
    """It will not be fulfilled. Money that was taken goes back, as `OrderRefunded` tells."""

    kind: ClassVar[str] = "orders.order.cancelled"
    reason: EndReason
    lines: list[SoldLine]


class OrderPaymentFailed(OrderEvent, frozen=True, kw_only=True):
    """No money came; the order never stood."""

    kind: ClassVar[str] = "orders.order.payment_failed"
    reason: str
    """The provider's word: `insufficient_funds`, …"""


class OrderRefunded(OrderEvent, frozen=True, kw_only=True):
    """Money is on its way back to the buyer."""

    kind: ClassVar[str] = "orders.order.refunded"
    refund_id: UUID
    amount: Money
    reason: str


class OrderRefundFailed(OrderEvent, frozen=True, kw_only=True):
    """The buyer's bank did not take the money back."""

    kind: ClassVar[str] = "orders.order.refund_failed"
    refund_id: UUID
    amount: Money


class OrderDisputed(OrderEvent, frozen=True, kw_only=True):
    """The buyer's bank asks for the money back; it is frozen until the dispute is closed."""

    kind: ClassVar[str] = "orders.order.disputed"
    dispute_id: UUID
    reason: str


class OrderDisputeClosed(OrderEvent, frozen=True, kw_only=True):
    """`refunded`: the bank took the money. `dismissed`: the order goes on where it was."""

    kind: ClassVar[str] = "orders.order.dispute_closed"
    dispute_id: UUID
    outcome: Literal["refunded", "dismissed"]


class PayoutIssued(Event, frozen=True, kw_only=True):
    """A seller's free balance was sent to their bank."""

    kind: ClassVar[str] = "orders.payout.issued"
    payout_id: UUID
    seller_id: UUID
    amount: Money
