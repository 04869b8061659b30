"""Stock levels: changed under locks that are always taken in SKU order, and read for buyers and sellers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Row,
    String,
    any_,
    bindparam,
    case,
    column,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from services.chassis.database.unit import Unit
from services.items.domain.stock import Shift, Shifted, StockLevel
from services.items.store.dialect import is_postgres
from services.items.tables import ITEMS, LISTINGS, OFFERS, RESERVATIONS, STOCK

_FREE = STOCK.c.on_hand - STOCK.c.reserved


async def shift(unit: Unit, lines: Mapping[str, int], by: Shift) -> list[Shifted]:
    """Apply `by` once for each unit of each line, wherever 0 ≤ reserved ≤ on_hand still holds after it.

    `lines` are in SKU order. SKUs for which it would not hold are left as they are, and out of the answer.
    """
    unit_of = {"on_hand": by.on_hand, "reserved": by.reserved, "counted": abs(by.on_hand)}
    if is_postgres(unit):
        wanted = {"skus": list(lines), "units": list(lines.values())}
        return [_told(row, by) for row in await unit.connection.execute(_SHIFT_ALL, {**unit_of, **wanted})]
    shifted: list[Shifted] = []
    for sku, units in lines.items():
        result = await unit.connection.execute(_SHIFT_ONE, {**unit_of, "wanted_sku": sku, "units": units})
        shifted += [_told(row, by) for row in result]
    return shifted


def _shift(units: ColumnElement[int]) -> ReturningUpdate[str, UUID, int, int, int]:
    on_hand = STOCK.c.on_hand + bindparam("on_hand", type_=Integer) * units
    reserved = STOCK.c.reserved + bindparam("reserved", type_=Integer) * units
    changed = {
        "on_hand": on_hand,
        "reserved": reserved,
        "version": STOCK.c.version + bindparam("counted", type_=Integer),
        "sequence": STOCK.c.sequence + 1,
    }
    bearable = update(STOCK).where(reserved >= 0, reserved <= on_hand).values(changed)
    return bearable.returning(STOCK.c.sku, STOCK.c.item_id, _FREE, STOCK.c.sequence, units)


def _shift_all() -> ReturningUpdate[str, UUID, int, int, int]:
    """One statement: its first part locks the rows in SKU order, whatever order the plan changes them in.

    The lines are two arrays, so that the statement is the same for any number of them.
    """
    skus = bindparam("skus", type_=ARRAY(String))
    lines = func.unnest(skus, bindparam("units", type_=ARRAY(Integer)))
    wanted = lines.table_valued(column("sku", String), column("units", Integer), name="wanted").render_derived()
    ordered = select(STOCK.c.sku).where(STOCK.c.sku == any_(skus)).order_by(STOCK.c.sku)
    locked = ordered.with_for_update(key_share=True).cte("locked")
    return _shift(wanted.c.units).where(STOCK.c.sku == locked.c.sku, locked.c.sku == wanted.c.sku)


_SHIFT_ALL = _shift_all()
_SHIFT_ONE = _shift(bindparam("units", type_=Integer)).where(STOCK.c.sku == bindparam("wanted_sku", type_=String))


def _told(row: Row[str, UUID, int, int, int], by: Shift) -> Shifted:
    sku, item_id, free, sequence, units = row
    freed = (by.on_hand - by.reserved) * units
    return Shifted(sku=sku, item_id=item_id, free=free, freed=freed, sequence=sequence)


async def note_availability(unit: Unit, item_ids: Sequence[UUID]) -> None:
    """Bring `listings.in_stock` of these items up to date with their stock.

    The listings are locked by a statement of their own: the next one then sees whatever those before us committed.
    """
    mine = LISTINGS.c.item_id.in_(item_ids)
    locks = select(LISTINGS.c.item_id).where(mine).order_by(LISTINGS.c.item_id).with_for_update(key_share=True)
    await unit.connection.execute(locks)
    free = exists().where(OFFERS.c.item_id == LISTINGS.c.item_id, STOCK.c.sku == OFFERS.c.sku, _FREE > 0)
    await unit.connection.execute(update(LISTINGS).where(mine).values(in_stock=free))


async def free_skus(unit: Unit, item_ids: Sequence[UUID]) -> frozenset[str]:
    """Those of the items' SKUs that are free; nobody takes or returns any until the unit ends."""
    query = (
        select(STOCK.c.sku, _FREE)
        .where(STOCK.c.item_id.in_(item_ids))
        .order_by(STOCK.c.sku)
        .with_for_update(key_share=True)
    )
    return frozenset(sku for sku, free in await unit.connection.execute(query) if free > 0)


async def add(unit: Unit, sku: str, item_id: UUID, on_hand: int) -> None:
    """Of a SKU that is new."""
    row = {"sku": sku, "item_id": item_id, "on_hand": on_hand, "reserved": 0, "version": 1, "sequence": 1}
    await unit.connection.execute(insert(STOCK).values(row))


def _level(row: Row[str, UUID, int, int, int]) -> StockLevel:
    sku, item_id, on_hand, reserved, version = row
    return StockLevel(sku=sku, item_id=item_id, on_hand=on_hand, reserved=reserved, version=version)


_LEVEL = select(STOCK.c.sku, STOCK.c.item_id, STOCK.c.on_hand, STOCK.c.reserved, STOCK.c.version)


async def free_of(unit: Unit, sku: str) -> int:
    """How much of it is free; 0 when there is no such SKU."""
    return (await unit.connection.execute(select(_FREE).where(STOCK.c.sku == sku))).scalar_one_or_none() or 0


async def locked(unit: Unit, sku: str) -> StockLevel | None:
    """Nobody else changes it until the unit ends."""
    query = _LEVEL.where(STOCK.c.sku == sku).with_for_update(key_share=True)
    row = (await unit.connection.execute(query)).one_or_none()
    return None if row is None else _level(row)


async def locked_of_item(unit: Unit, item_id: UUID) -> dict[str, StockLevel]:
    """By SKU; nobody else changes any of them until the unit ends."""
    query = _LEVEL.where(STOCK.c.item_id == item_id).order_by(STOCK.c.sku).with_for_update(key_share=True)
    return {row.sku: _level(row) for row in await unit.connection.execute(query)}


async def of_items(connection: AsyncConnection, item_ids: Sequence[UUID]) -> dict[str, StockLevel]:
    """By SKU."""
    return {row.sku: _level(row) for row in await connection.execute(_LEVEL.where(STOCK.c.item_id.in_(item_ids)))}


async def save(unit: Unit, before: StockLevel, after: StockLevel) -> Shifted:
    """Of a level that `locked` gave."""
    changed = (
        update(STOCK)
        .where(STOCK.c.sku == after.sku)
        .values(on_hand=after.on_hand, version=after.version, sequence=STOCK.c.sequence + 1)
        .returning(STOCK.c.sequence)
    )
    sequence = (await unit.connection.execute(changed)).scalar_one()
    return Shifted(
        sku=after.sku,
        item_id=after.item_id,
        free=after.on_hand - after.reserved,
        freed=after.on_hand - before.on_hand,
        sequence=sequence,
    )


async def of_seller(connection: AsyncConnection, seller_id: UUID, *, after: str | None, limit: int) -> list[StockLevel]:
    """By SKU, one more than `limit` if there are more."""
    query = _LEVEL.join(ITEMS, ITEMS.c.id == STOCK.c.item_id).where(ITEMS.c.seller_id == seller_id)
    if after is not None:
        query = query.where(STOCK.c.sku > after)
    return [_level(row) for row in await connection.execute(query.order_by(STOCK.c.sku).limit(limit + 1))]


async def level_of_seller(connection: AsyncConnection, seller_id: UUID, sku: str) -> StockLevel | None:
    """None when it is another seller's, too."""
    query = _LEVEL.join(ITEMS, ITEMS.c.id == STOCK.c.item_id)
    row = (await connection.execute(query.where(ITEMS.c.seller_id == seller_id, STOCK.c.sku == sku))).one_or_none()
    return None if row is None else _level(row)


def free_units() -> ColumnElement[int]:
    """What is free of a stock row at `now`, a parameter: units of expired holds count, although still reserved."""
    expired = (
        select(func.coalesce(func.sum(RESERVATIONS.c.quantity), 0))
        .where(RESERVATIONS.c.sku == STOCK.c.sku, RESERVATIONS.c.expires_at <= bindparam("now"))
        .scalar_subquery()
    )
    return case((STOCK.c.reserved == 0, STOCK.c.on_hand), else_=_FREE + expired)
