"""Holds and the reservations that make them up while they last. A hold's row is locked before any stock of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    Insert,
    Integer,
    Row,
    String,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.unit import Unit
from services.contracts.items import HoldState
from services.items.domain.stock import HeldLine, HoldMissing, StoredHold
from services.items.store.dialect import insert_into, is_postgres
from services.items.tables import HOLDS, RESERVATIONS, RESTOCKS

DUE_AT_ONCE = 100
KEPT_FOR = timedelta(days=90)
"""So long what was settled can be asked about again: a checkout may wait for staff before it gives its units back."""

_HOLD_COLUMNS = tuple(column.name for column in HOLDS.columns)
_HOLD = select(HOLDS.c.hold_id, HOLDS.c.state, HOLDS.c.expires_at, HOLDS.c.lines)


def _stored(row: Row[UUID, HoldState, datetime, object]) -> StoredHold:
    hold_id, state, expires_at, lines = row
    return StoredHold(hold_id=hold_id, state=state, expires_at=expires_at, lines=msgspec.convert(lines, list[HeldLine]))


async def add(unit: Unit, hold: StoredHold) -> bool:
    """With its reservations. False: there is a hold of that id; one that is being placed is waited for."""
    row = {
        "hold_id": hold.hold_id,
        "state": hold.state,
        "expires_at": hold.expires_at,
        "lines": msgspec.to_builtins(hold.lines),
        "created_at": unit.now,
    }
    quantities = hold.quantities
    if is_postgres(unit):
        lines = {"skus": list(quantities), "quantities": list(quantities.values())}
        return (await unit.connection.execute(_ADD_WITH_LINES, {**row, **lines})).rowcount > 0
    added = await unit.connection.execute(insert_into(unit, HOLDS).values(row).on_conflict_do_nothing())
    if added.rowcount == 0:
        return False
    lines_of = {"hold_id": hold.hold_id, "expires_at": hold.expires_at}
    rows = [{**lines_of, "sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    await unit.connection.execute(insert(RESERVATIONS), rows)
    return True


def _add_with_lines() -> Insert:
    """Hold and reservations in one statement. The lines are two arrays, so that it is the same for any number."""
    values = {name: bindparam(name, type_=HOLDS.c[name].type) for name in _HOLD_COLUMNS}
    added = postgresql.insert(HOLDS).values(values).on_conflict_do_nothing().returning(HOLDS.c.hold_id).cte("added")
    arrays = bindparam("skus", type_=ARRAY(String)), bindparam("quantities", type_=ARRAY(Integer))
    lines = func.unnest(*arrays).table_valued(column("sku", String), column("quantity", Integer), name="lines")
    lines = lines.render_derived()
    reserved = select(added.c.hold_id, lines.c.sku, lines.c.quantity, values["expires_at"])
    names = ["hold_id", "sku", "quantity", "expires_at"]
    return insert(RESERVATIONS).from_select(names, reserved.join_from(added, lines, literal(value=True)))


_ADD_WITH_LINES = _add_with_lines()


async def find(unit: Unit, hold_id: UUID) -> StoredHold | None:
    """As it stands; not locked."""
    row = (await unit.connection.execute(_HOLD.where(HOLDS.c.hold_id == hold_id))).one_or_none()
    return None if row is None else _stored(row)


async def locked(unit: Unit, hold_id: UUID) -> StoredHold:
    """Nobody else settles it until the unit ends. Raises `HoldMissing`."""
    row = (await unit.connection.execute(_HOLD.where(HOLDS.c.hold_id == hold_id).with_for_update())).one_or_none()
    if row is None:
        raise HoldMissing(hold_id)
    return _stored(row)


async def locked_held(unit: Unit, hold_ids: Sequence[UUID]) -> list[StoredHold]:
    """Those that are still held, locked in the order of their ids."""
    wanted = HOLDS.c.hold_id.in_(hold_ids) & (HOLDS.c.state == "held")
    query = _HOLD.where(wanted).order_by(HOLDS.c.hold_id).with_for_update()
    return [_stored(row) for row in await unit.connection.execute(query)]


async def settle(unit: Unit, hold_ids: Sequence[UUID], state: HoldState) -> None:
    """Of locked holds: they are over, and so are their reservations."""
    over = delete(RESERVATIONS).where(RESERVATIONS.c.hold_id.in_(hold_ids))
    settled = update(HOLDS).where(HOLDS.c.hold_id.in_(hold_ids)).values(state=state)
    if is_postgres(unit):
        settled = settled.add_cte(over.cte("over"))
    else:
        await unit.connection.execute(over)
    await unit.connection.execute(settled)


async def due(connection: AsyncConnection, now: datetime) -> Sequence[UUID]:
    """Holds that are over and have not been settled, oldest first, at most `DUE_AT_ONCE`."""
    over = (HOLDS.c.state == "held") & (HOLDS.c.expires_at <= now)
    query = select(HOLDS.c.hold_id).where(over).order_by(HOLDS.c.expires_at).limit(DUE_AT_ONCE)
    return (await connection.execute(query)).scalars().all()


async def due_of(connection: AsyncConnection, skus: Sequence[str], now: datetime) -> Sequence[UUID]:
    """The same, of holds that keep any of the SKUs."""
    over = RESERVATIONS.c.sku.in_(skus) & (RESERVATIONS.c.expires_at <= now)
    query = select(RESERVATIONS.c.hold_id).where(over).distinct().limit(DUE_AT_ONCE)
    return (await connection.execute(query)).scalars().all()


async def first_restock(unit: Unit, restock_id: UUID) -> bool:
    """False: it was done before."""
    row = {"restock_id": restock_id, "created_at": unit.now}
    added = insert_into(unit, RESTOCKS).values(row).on_conflict_do_nothing()
    return (await unit.connection.execute(added)).rowcount == 1


async def forget_settled(unit: Unit) -> int:
    """Drop what is over for longer than `KEPT_FOR`, holds and restocks; how many."""
    before = unit.now - KEPT_FOR
    old_holds = delete(HOLDS).where(HOLDS.c.state != "held", HOLDS.c.expires_at < before)
    old_restocks = delete(RESTOCKS).where(RESTOCKS.c.created_at < before)
    return sum([(await unit.connection.execute(old)).rowcount for old in (old_holds, old_restocks)])
