"""Orders with their lines, parcels and history."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database import Database, Unit
from services.orders.domain.fulfilment import Shipment
from services.orders.domain.history import Entry
from services.orders.domain.orders import Order, OrderLine, OrderMissing
from services.orders.tables import ORDER_HISTORY, ORDER_LINES, ORDERS, SHIPMENTS

Joined = Select[*tuple[object, ...]]
OrderRow = Row[*tuple[object, ...]]

_ORDER_NAMES = tuple(name for name in Order.__struct_fields__ if name != "lines")
_LINE_NAMES = OrderLine.__struct_fields__
_ORDER_COLUMNS = tuple(ORDERS.c[name] for name in _ORDER_NAMES)
_LINE_COLUMNS = tuple(ORDER_LINES.c[name].label(f"line_{name}") for name in _LINE_NAMES)
_CHANGING = (
    "state",
    "version",
    "refunded_minor",
    "shipping_refunded_minor",
    "commission_refunded_minor",
    "disputed_from",
    "delivered_at",
    "changed_at",
)
_LINE_CHANGING = ("fulfilment", "shipment_id", "refunded_quantity")


def _joined() -> Joined:
    return (
        select(*_ORDER_COLUMNS, *_LINE_COLUMNS)
        .join_from(ORDERS, ORDER_LINES)
        .order_by(ORDERS.c.id, ORDER_LINES.c.position)
    )


def add(unit: Unit, orders: Sequence[Order]) -> None:
    """New ones with their lines."""
    unit.insert(ORDERS, [_row(order) for order in orders])
    lines = [
        {**msgspec.structs.asdict(line), "order_id": order.id, "position": position}
        for order in orders
        for position, line in enumerate(order.lines)
    ]
    unit.insert(ORDER_LINES, lines)


def save(unit: Unit, orders: Iterable[Order]) -> None:
    """Of orders that this unit has locked, or whose checkout it has changed. Lines are saved apart."""
    unit.change(ORDERS, [{name: getattr(order, name) for name in ("id", *_CHANGING)} for order in orders])


def save_lines(unit: Unit, order: Order) -> None:
    """What has changed of the lines of a locked order."""
    unit.change(ORDER_LINES, [{name: getattr(line, name) for name in ("id", *_LINE_CHANGING)} for line in order.lines])


def tell(unit: Unit, entries: Sequence[Entry]) -> None:
    """More history."""
    unit.insert(ORDER_HISTORY, [msgspec.structs.asdict(entry) for entry in entries])


async def lock(unit: Unit, order_id: UUID) -> Order:
    """Nobody else changes it until the unit ends. Raises `OrderMissing`."""
    locked = select(ORDERS.c.id).where(ORDERS.c.id == order_id).with_for_update()
    if (await unit.connection.execute(locked)).first() is None:
        raise OrderMissing("there is no such order")
    return (await _read(unit.connection, _joined().where(ORDERS.c.id == order_id)))[0]


async def of_checkout(connection: AsyncConnection, checkout_id: UUID) -> tuple[Order, ...]:
    """In the order in which they were made."""
    return tuple(await _read(connection, _joined().where(ORDERS.c.checkout_id == checkout_id)))


async def lock_of_checkout(unit: Unit, checkout_id: UUID) -> tuple[Order, ...]:
    """Of a checkout that this unit has locked."""
    locked = select(ORDERS.c.id).where(ORDERS.c.checkout_id == checkout_id).order_by(ORDERS.c.id).with_for_update()
    await unit.connection.execute(locked)
    return await of_checkout(unit.connection, checkout_id)


async def get(database: Database, order_id: UUID) -> Order:
    """Raises `OrderMissing`."""
    async with database.reading() as connection:
        found = await _read(connection, _joined().where(ORDERS.c.id == order_id))
    if not found:
        raise OrderMissing("there is no such order")
    return found[0]


async def of_buyer(database: Database, buyer_id: UUID, *, before: UUID | None, most: int) -> Sequence[Order]:
    """Newest first."""
    return await _page(database, select(ORDERS.c.id).where(ORDERS.c.buyer_id == buyer_id), before, most)


async def of_seller(
    database: Database, seller_id: UUID, *, state: str | None, before: UUID | None, most: int
) -> Sequence[Order]:
    """Newest first."""
    chosen = select(ORDERS.c.id).where(ORDERS.c.seller_id == seller_id)
    if state is not None:
        chosen = chosen.where(ORDERS.c.state == state)
    return await _page(database, chosen, before, most)


async def search(
    database: Database, *, buyer_id: UUID | None, state: str | None, before: UUID | None, most: int
) -> Sequence[Order]:
    """Everybody's, newest first."""
    chosen = select(ORDERS.c.id)
    if buyer_id is not None:
        chosen = chosen.where(ORDERS.c.buyer_id == buyer_id)
    if state is not None:
        chosen = chosen.where(ORDERS.c.state == state)
    return await _page(database, chosen, before, most)


async def _page(database: Database, chosen: Select[UUID], before: UUID | None, most: int) -> Sequence[Order]:
    if before is not None:
        chosen = chosen.where(ORDERS.c.id < before)
    ids = chosen.order_by(ORDERS.c.id.desc()).limit(most).subquery()
    async with database.reading() as connection:
        found = await _read(connection, _joined().where(ORDERS.c.id.in_(select(ids.c.id))))
    return sorted(found, key=lambda order: order.id, reverse=True)


async def history(database: Database, order_id: UUID) -> Sequence[Entry]:
    """Oldest first."""
    names = Entry.__struct_fields__
    query = select(*(ORDER_HISTORY.c[name] for name in names)).where(ORDER_HISTORY.c.order_id == order_id)
    async with database.reading() as connection:
        return [Entry(**row) for row in (await connection.execute(query.order_by(ORDER_HISTORY.c.seq))).mappings()]


def add_shipment(unit: Unit, shipment: Shipment) -> None:
    """A parcel that leaves."""
    unit.insert(SHIPMENTS, [msgspec.structs.asdict(shipment)])


async def arrive(unit: Unit, order_id: UUID, shipment_id: UUID | None) -> None:
    """That parcel, or every parcel of the order."""
    arrived = update(SHIPMENTS).where(SHIPMENTS.c.order_id == order_id, SHIPMENTS.c.delivered_at.is_(None))
    if shipment_id is not None:
        arrived = arrived.where(SHIPMENTS.c.id == shipment_id)
    await unit.connection.execute(arrived.values(delivered_at=unit.now))


async def shipments(database: Database, order_id: UUID) -> Sequence[Shipment]:
    """Oldest first."""
    query = select(SHIPMENTS).where(SHIPMENTS.c.order_id == order_id).order_by(SHIPMENTS.c.id)
    async with database.reading() as connection:
        return [Shipment(**row) for row in (await connection.execute(query)).mappings()]


async def lock_delivered(unit: Unit, before: datetime, *, most: int) -> Sequence[Order]:
    """Orders that were delivered before then and that nobody has said anything about, oldest first."""
    columns = ORDERS.c
    due = (
        select(columns.id)
        .where(columns.state == "delivered", columns.delivered_at < before)
        .order_by(columns.delivered_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = (await unit.connection.execute(due)).scalars().all()
    return await _read(unit.connection, _joined().where(columns.id.in_(ids)))


async def _read(connection: AsyncConnection, query: Joined) -> list[Order]:
    rows = await connection.execute(query)
    lines: dict[UUID, list[OrderLine]] = {}
    heads: dict[UUID, OrderRow] = {}
    for row in rows:
        heads.setdefault(row.id, row)
        lines.setdefault(row.id, []).append(_line(row))
    return [_order(head, lines[order_id]) for order_id, head in heads.items()]


def _order(row: OrderRow, lines: Sequence[OrderLine]) -> Order:
    return Order(**{name: getattr(row, name) for name in _ORDER_NAMES}, lines=tuple(lines))


def _line(row: OrderRow) -> OrderLine:
    return OrderLine(**{name: getattr(row, f"line_{name}") for name in _LINE_NAMES})


def _row(order: Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in _ORDER_NAMES}
