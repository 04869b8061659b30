"""Parcels: which lines are on their way, which have arrived, and what that makes of the order."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.chassis.errors import Invalid
from services.orders.domain.orders import Fulfilment, IllegalMove, Order, OrderLine, OrderState, move

COMPLETES_AFTER = timedelta(days=14)
"""A delivered order that its buyer says nothing about is completed by itself."""


class Shipment(Struct, frozen=True, kw_only=True):
    """A parcel."""

    id: UUID
    order_id: UUID
    carrier: str
    tracking: str | None
    shipped_at: datetime
    delivered_at: datetime | None = None


class LineUnknown(Invalid):
    """The order has no such line, or it was shipped already."""

    code = "line_not_shippable"
    title = "Line cannot be shipped"


class ShipmentUnknown(Invalid):
    """The order has no such parcel on its way."""

    code = "shipment_unknown"
    title = "No such parcel on its way"


def ship(order: Order, line_ids: Collection[UUID], shipment_id: UUID, now: datetime) -> Order:
    """Send these lines, or all that are left when none are named. Raises `IllegalMove`, `LineUnknown`."""
    left = {line.id for line in order.lines if line.fulfilment == "unfulfilled"}
    chosen = set(line_ids) or left
    if not chosen or not chosen <= left:
        raise LineUnknown("some of these lines are not the order's, or not waiting to be shipped")
    lines = tuple(
        replace(line, fulfilment="shipped", shipment_id=shipment_id) if line.id in chosen else line
        for line in order.lines
    )
    to: OrderState = "shipped" if chosen == left else "processing"
    if order.state == to == "processing":
        return replace(order, lines=lines, version=order.version + 1, changed_at=now)
    return replace(move(order, to, now), lines=lines)


def deliver(order: Order, shipment_id: UUID | None, now: datetime) -> Order:
    """That parcel, or every parcel, has arrived. Raises `IllegalMove`, `ShipmentUnknown`."""
    arrived = [line for line in order.lines if _arrives(line, shipment_id)]
    if order.state not in {"processing", "shipped"}:
        raise IllegalMove(state=order.state, wanted="delivered")
    if not arrived:
        raise ShipmentUnknown("no line of this order is on its way in that parcel")
    lines = tuple(replace(line, fulfilment="delivered") if line in arrived else line for line in order.lines)
    if all(line.fulfilment in {"delivered", "cancelled"} for line in lines):
        return replace(move(order, "delivered", now), lines=lines)
    return replace(order, lines=lines, version=order.version + 1, changed_at=now)


def _arrives(line: OrderLine, shipment_id: UUID | None) -> bool:
    return line.fulfilment == "shipped" and shipment_id in {None, line.shipment_id}


def confirm_delivery(order: Order, now: datetime) -> list[Order]:
    """The buyer has it: every state the order passes on its way to `completed`. Raises `IllegalMove`."""
    if order.state == "shipped":
        delivered = deliver(order, None, now)
        return [delivered, move(delivered, "completed", now)]
    return [move(order, "completed", now)]


def cancel_lines(order: Order) -> Order:
    """Nothing of it will be sent."""
    gone: Fulfilment = "cancelled"
    return replace(order, lines=tuple(replace(line, fulfilment=gone) for line in order.lines))
