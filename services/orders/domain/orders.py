"""An order: what one buyer bought of one seller in one purchase, and how far it has got."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.chassis.errors import Conflict, Denied, Missing
from services.contracts.items import HoldLine
from services.orders.domain.history import Entry
from services.orders.domain.pricing import commission_back

OrderState = Literal[
    "pending_payment",
    "paid",
    "processing",
    "shipped",
    "delivered",
    "completed",
    "disputed",
    "refunded",
    "payment_failed",
    "cancelled",
    "expired",
]
Fulfilment = Literal["unfulfilled", "shipped", "delivered", "cancelled"]

MOVES: dict[OrderState, frozenset[OrderState]] = {
    "pending_payment": frozenset({"paid", "payment_failed", "cancelled", "expired"}),
    "paid": frozenset({"processing", "shipped", "cancelled", "disputed"}),
    "processing": frozenset({"shipped", "disputed"}),
    "shipped": frozenset({"delivered", "disputed"}),
    "delivered": frozenset({"completed", "disputed"}),
    "completed": frozenset({"disputed"}),
    "disputed": frozenset({"refunded"}),  # And back to where it was, which only `dismiss_dispute` knows.
    "refunded": frozenset(),
    "payment_failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}

PAID_STATES: frozenset[OrderState] = frozenset({"paid", "processing", "shipped", "delivered", "completed"})
CLOSED_STATES: frozenset[OrderState] = frozenset({"completed", "refunded", "payment_failed", "cancelled", "expired"})
"""Nobody has anything left to do."""


class OrderLine(Struct, frozen=True, kw_only=True):
    """Frozen at the moment of the purchase, but for its fulfilment and what was given back."""

    id: UUID
    sku: str
    item_id: UUID
    title: str
    quantity: int
    unit_price_minor: int
    tax_rate_bp: int
    tax_minor: int
    """Of the whole line; included in the price."""
    image_url: str | None = None
    fulfilment: Fulfilment = "unfulfilled"
    shipment_id: UUID | None = None
    refunded_quantity: int = 0

    @property
    def total_minor(self) -> int:
        """Price times quantity."""
        return self.unit_price_minor * self.quantity


class Order(Struct, frozen=True, kw_only=True):
    """One seller's share of a checkout."""

    id: UUID
    checkout_id: UUID
    buyer_id: UUID
    seller_id: UUID
    state: OrderState
    version: int
    currency: str
    items_minor: int
    shipping_minor: int
    tax_minor: int
    commission_minor: int
    lines: tuple[OrderLine, ...]
    placed_at: datetime
    changed_at: datetime
    refunded_minor: int = 0
    """Goods and shipping; refunds on their way count, failed ones do not."""
    shipping_refunded_minor: int = 0
    commission_refunded_minor: int = 0
    disputed_from: OrderState | None = None
    """Where a dismissed dispute leads back to."""
    delivered_at: datetime | None = None

    @property
    def total_minor(self) -> int:
        """What the buyer pays this seller."""
        return self.items_minor + self.shipping_minor

    @property
    def items_refunded_minor(self) -> int:
        """Of the goods alone."""
        return self.refunded_minor - self.shipping_refunded_minor

    def commission_share(self, items_minor: int) -> int:
        """What giving back so much more of the goods undoes of the commission."""
        return commission_back(
            self.commission_minor,
            self.items_minor,
            refunded_minor=self.items_refunded_minor + items_minor,
            returned_minor=self.commission_refunded_minor,
        )


class OrderMissing(Missing):
    """There is no such order, or it is none of the caller's."""

    code = "order_missing"
    title = "No such order"


class IllegalMove(Conflict):
    """The order, or the checkout, is not where this could be done."""

    code = "illegal_state"
    title = "Its state does not allow this"

    def __init__(self, *, state: str, wanted: str) -> None:
        super().__init__(f"from {state} there is no way to {wanted}", state=state, wanted=wanted)


class NoSeller(Denied):
    """The user owns no seller that orders knows of."""

    code = "not_a_seller"
    title = "Not a seller"


def move(order: Order, to: OrderState, now: datetime) -> Order:
    """Raises `IllegalMove`."""
    if to not in MOVES[order.state]:
        raise IllegalMove(state=order.state, wanted=to)
    delivered_at = now if to == "delivered" and order.delivered_at is None else order.delivered_at
    return replace(order, state=to, version=order.version + 1, changed_at=now, delivered_at=delivered_at)


def entry(before: Order, after: Order, actor: str, note: str | None = None) -> Entry:
    """What the history says of the change."""
    return Entry(
        order_id=after.id,
        at=after.changed_at,
        actor=actor,
        from_state=before.state,
        to_state=after.state,
        note=note,
    )


def hold_lines(orders: Iterable[Order]) -> list[HoldLine]:
    """What to hold for them: one line a SKU, in SKU order, so that no two purchases wait for each other crosswise."""
    wanted: dict[str, int] = {}
    for order in orders:
        for line in order.lines:
            wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return [HoldLine(sku=sku, quantity=quantity) for sku, quantity in sorted(wanted.items())]


def dispute(order: Order, now: datetime) -> Order:
    """Freeze it where it is. Raises `IllegalMove`."""
    return replace(move(order, "disputed", now), disputed_from=order.state)


def dismiss_dispute(order: Order, now: datetime) -> Order:
    """Back to where it was frozen. Raises `IllegalMove`."""
    if order.state != "disputed" or order.disputed_from is None:
        raise IllegalMove(state=order.state, wanted="the state before the dispute")
    back = order.disputed_from
    return replace(order, state=back, version=order.version + 1, changed_at=now, disputed_from=None)
