"""Sending parcels, their arrival, and the end of an order."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.chassis.database import Unit
from services.orders.actions import telling
from services.orders.domain import fulfilment as domain
from services.orders.domain.fulfilment import COMPLETES_AFTER, Shipment
from services.orders.domain.history import SYSTEM, Entry, buyer, seller
from services.orders.domain.orders import Order, OrderMissing, entry, move
from services.orders.store import orders

COMPLETED_AT_ONCE = 100


def ship(
    unit: Unit, order: Order, line_ids: Collection[UUID], *, carrier: str, tracking: str | None, actor: UUID
) -> Order:
    """Of an order that the unit has locked. Raises `IllegalMove`, `LineUnknown`."""
    shipment = Shipment(id=unit.new_id(), order_id=order.id, carrier=carrier, tracking=tracking, shipped_at=unit.now)
    shipped = domain.ship(order, line_ids, shipment.id, unit.now)
    orders.add_shipment(unit, shipment)
    _save(unit, order, [shipped], seller(actor))
    telling.tell(unit, shipped, telling.shipped(shipped, shipment))
    return shipped


async def deliver(unit: Unit, order: Order, shipment_id: UUID | None, *, actor: UUID) -> Order:
    """Of an order that the unit has locked. Raises `IllegalMove`, `ShipmentUnknown`."""
    delivered = domain.deliver(order, shipment_id, unit.now)
    await orders.arrive(unit, order.id, shipment_id)
    _save(unit, order, [delivered], seller(actor))
    telling.tell(unit, delivered, *telling.arrived([delivered]))
    return delivered


async def confirm_delivery(unit: Unit, order: Order, *, actor: UUID) -> Order:
    """Of an order that the unit has locked. Raises `IllegalMove`."""
    passed = domain.confirm_delivery(order, unit.now)
    await orders.arrive(unit, order.id, None)
    _save(unit, order, passed, buyer(actor))
    telling.tell(unit, passed[-1], *telling.arrived(passed))
    return passed[-1]


async def complete_old(unit: Unit) -> int:
    """Delivered orders nobody has complained about are completed; how many."""
    before: datetime = unit.now - COMPLETES_AFTER
    due = await orders.lock_delivered(unit, before, most=COMPLETED_AT_ONCE)
    for order in due:
        completed = move(order, "completed", unit.now)
        _save(unit, order, [completed], SYSTEM)
        telling.tell(unit, completed, *telling.arrived([completed]))
    return len(due)


async def lock_of_seller(unit: Unit, order_id: UUID, seller_id: UUID) -> Order:
    """Raises `OrderMissing` also for another seller's, and for one that was never paid."""
    order = await orders.lock(unit, order_id)
    if order.seller_id != seller_id:
        raise OrderMissing("there is no such order")
    return order


async def lock_of_buyer(unit: Unit, order_id: UUID, buyer_id: UUID) -> Order:
    """Raises `OrderMissing` also for another buyer's."""
    order = await orders.lock(unit, order_id)
    if order.buyer_id != buyer_id:
        raise OrderMissing("there is no such order")
    return order


def _save(unit: Unit, before: Order, passed: list[Order], actor: str) -> None:
    """The last of the states that were passed, with a line of history for each."""
    entries: list[Entry] = []
    for earlier, later in zip([before, *passed], passed, strict=False):
        entries.append(entry(earlier, later, actor))
    orders.save(unit, passed[-1:])
    orders.save_lines(unit, passed[-1])
    orders.tell(unit, entries)
