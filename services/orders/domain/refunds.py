"""Money given back of an order that stands: how much, of what, and how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.chassis.errors import Conflict, Invalid, Missing
from services.contracts.items import HoldLine
from services.orders.domain.checkouts import Group
from services.orders.domain.orders import PAID_STATES, Fulfilment, IllegalMove, Order, OrderLine, move

REFUNDABLE = PAID_STATES | {"cancelled"}
"""A cancelled order too: the refund that cancelled it may have failed."""

RefundState = Literal["pending", "succeeded", "failed"]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class RefundLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many units of one order line."""

    line_id: UUID
    quantity: Annotated[int, Meta(ge=1, le=999)]


class Refund(Struct, frozen=True, kw_only=True):
    """Its id is the provider's idempotency key."""

    id: UUID
    order_id: UUID
    checkout_id: UUID
    seller_id: UUID
    lines: tuple[RefundLine, ...]
    items_minor: int
    shipping_minor: int
    commission_minor: int
    """The marketplace's share of it."""
    currency: str
    state: RefundState
    reason: str
    restock: bool
    actor: str
    created_at: datetime
    version: int = 1
    restocked: bool = False
    attempts: int = 0
    due_at: datetime | None = None
    """When somebody must look at it again; None: never."""

    @property
    def amount_minor(self) -> int:
        """What the buyer gets."""
        return self.items_minor + self.shipping_minor


class RefundMissing(Missing):
    """There is no such refund."""

    code = "refund_missing"
    title = "No such refund"


class RefundTooLarge(Conflict):
    """More than was captured and not given back. Fact `most_minor`."""

    code = "refund_too_large"
    title = "More than is left to refund"

    def __init__(self, *, most_minor: int) -> None:
        super().__init__(f"at most {most_minor} is left to refund", most_minor=most_minor)


class RefundEmpty(Invalid):
    """It would give back nothing."""

    code = "refund_empty"
    title = "Nothing to refund"


class RefundLineUnknown(Invalid):
    """The order has no such line, or it is named twice."""

    code = "refund_line_unknown"
    title = "No such line"


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be given back; the amount follows from the prices the order froze."""

    lines: tuple[RefundLine, ...] = ()
    shipping_minor: int = 0
    reason: str
    restock: bool = False


def everything(order: Order, reason: str) -> Wanted:
    """All that is left of an order, its goods back in stock."""
    left = tuple(
        RefundLine(line_id=line.id, quantity=line.quantity - line.refunded_quantity)
        for line in order.lines
        if line.quantity > line.refunded_quantity
    )
    shipping_minor = order.shipping_minor - order.shipping_refunded_minor
    return Wanted(lines=left, shipping_minor=shipping_minor, reason=reason, restock=True)


def give_back(group: Group, order: Order, wanted: Wanted, now: datetime) -> tuple[Group, Order, int]:
    """Group and order with the amount set aside, and the amount of goods in it.

    Raises `RefundTooLarge`, `RefundEmpty`, `RefundLineUnknown`, `IllegalMove`.
    """
    if order.state not in REFUNDABLE:
        raise IllegalMove(state=order.state, wanted="refund")
    lines = _take(order, wanted.lines)
    by_id = {line.id: line for line in order.lines}
    items_minor = sum(by_id[line.line_id].unit_price_minor * line.quantity for line in wanted.lines)
    amount_minor = items_minor + wanted.shipping_minor
    _require_covered(group, order, wanted.shipping_minor, amount_minor)
    refunded = replace(
        order,
        lines=lines,
        refunded_minor=order.refunded_minor + amount_minor,
        shipping_refunded_minor=order.shipping_refunded_minor + wanted.shipping_minor,
        commission_refunded_minor=order.commission_refunded_minor + order.commission_share(items_minor),
        version=order.version + 1,
        changed_at=now,
    )
    return _set_aside(group, amount_minor, now), _without_given_up(refunded, now), items_minor


def _without_given_up(order: Order, now: datetime) -> Order:
    """What was given back whole before it was sent is not sent; an order of which nothing is left is cancelled."""
    gone: Fulfilment = "cancelled"
    lines = tuple(
        replace(line, fulfilment=gone)
        if line.fulfilment == "unfulfilled" and line.refunded_quantity == line.quantity
        else line
        for line in order.lines
    )
    kept = replace(order, lines=lines)
    if kept.state == "paid" and all(line.fulfilment == gone for line in lines):
        return move(kept, "cancelled", now)
    if kept.state == "processing" and all(line.fulfilment != "unfulfilled" for line in lines):
        return move(kept, "shipped", now)
    return kept


def _take(order: Order, wanted: Sequence[RefundLine]) -> tuple[OrderLine, ...]:
    quantities = {line.line_id: line.quantity for line in wanted}
    if len(quantities) != len(wanted) or not quantities.keys() <= {line.id for line in order.lines}:
        raise RefundLineUnknown("some of these lines are not the order's, or are named twice")
    for line in order.lines:
        left = line.quantity - line.refunded_quantity
        if quantities.get(line.id, 0) > left:
            raise RefundTooLarge(most_minor=left * line.unit_price_minor)
    return tuple(
        replace(line, refunded_quantity=line.refunded_quantity + quantities.get(line.id, 0)) for line in order.lines
    )


def _require_covered(group: Group, order: Order, shipping_minor: int, amount_minor: int) -> None:
    if amount_minor == 0:
        raise RefundEmpty("name at least one line or some shipping")
    shipping_left = order.shipping_minor - order.shipping_refunded_minor
    if shipping_minor > shipping_left:
        raise RefundTooLarge(most_minor=shipping_left)
    charge = group.checkout.charge
    left = min(order.total_minor - order.refunded_minor, charge.captured_minor - charge.refunded_minor)
    if amount_minor > left:
        raise RefundTooLarge(most_minor=left)


def _set_aside(group: Group, amount_minor: int, now: datetime) -> Group:
    charge = group.checkout.charge
    charge = replace(charge, refunded_minor=charge.refunded_minor + amount_minor)
    return replace(group, checkout=replace(group.checkout, charge=charge, changed_at=now))


def take_back(group: Group, order: Order, refund: Refund, now: datetime) -> tuple[Group, Order]:
    """The refund failed: what was set aside for it is the seller's again."""
    quantities = {line.line_id: line.quantity for line in refund.lines}
    lines = tuple(_restore(order, line, quantities.get(line.id, 0)) for line in order.lines)
    restored = replace(
        order,
        lines=lines,
        refunded_minor=order.refunded_minor - refund.amount_minor,
        shipping_refunded_minor=order.shipping_refunded_minor - refund.shipping_minor,
        commission_refunded_minor=order.commission_refunded_minor - refund.commission_minor,
        version=order.version + 1,
        changed_at=now,
    )
    return _set_aside(group, -refund.amount_minor, now), restored


def _restore(order: Order, line: OrderLine, quantity: int) -> OrderLine:
    """What was not given back after all is still to be sent, unless the order was cancelled."""
    restored = replace(line, refunded_quantity=line.refunded_quantity - quantity)
    if quantity and line.fulfilment == "cancelled" and order.state in {"paid", "processing"}:
        return replace(restored, fulfilment="unfulfilled")
    return restored


def settle(refund: Refund, state: Literal["succeeded", "failed"], *, restock_at: datetime) -> Refund:
    """How a pending one ended; goods to restock are due at `restock_at`."""
    due = state == "succeeded" and refund.restock and not refund.restocked
    return replace(refund, state=state, due_at=restock_at if due else None)


def restock_lines(order: Order, refund: Refund) -> list[HoldLine]:
    """What goes back on the shelf."""
    by_id = {line.id: line for line in order.lines}
    wanted: dict[str, int] = {}
    for line in refund.lines:
        sku = by_id[line.line_id].sku
        wanted[sku] = wanted.get(sku, 0) + line.quantity
    return [HoldLine(sku=sku, quantity=quantity) for sku, quantity in sorted(wanted.items())]
