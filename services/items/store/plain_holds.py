"""Holds in the usual case, on PostgreSQL: one statement each, which is a transaction by itself.

Between the statements of a unit every other buyer of the SKU waits for a process to be scheduled; here nobody does.
What is not usual (a hold that is known already, the last unit, an end that came first) changes nothing here and is
for `holds`, in a unit. Both lock a hold before stock, and stock in SKU order.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from services.chassis.database import Database, Prepared, single
from services.items.domain.stock import HeldLine, StoredHold

_PLACE = Prepared(
    text("""
    with held as (
        insert into holds (hold_id, state, expires_at, lines, created_at)
        values (cast(:hold_id as uuid), 'held', cast(:expires_at as timestamptz), cast(:lines as text)::jsonb,
                cast(:now as timestamptz))
        on conflict do nothing
        returning hold_id
    ), wanted as (
        select sku, quantity
        from unnest(cast(:skus as text[]), cast(:quantities as integer[])) as line (sku, quantity)
    ), reserved as (
        insert into reservations (hold_id, sku, quantity, expires_at)
        select hold_id, sku, quantity, cast(:expires_at as timestamptz) from held, wanted
    ), locked as (
        select sku from stock
        where sku = any (cast(:skus as text[])) and exists (select from held)
        order by sku
        for no key update
    ), taken as (
        update stock set reserved = stock.reserved + wanted.quantity, sequence = stock.sequence + 1
        from wanted, locked
        where stock.sku = locked.sku and wanted.sku = locked.sku
            and stock.on_hand - stock.reserved > wanted.quantity
        returning stock.sku
    )
    select 1 / cast((select count(*) from taken) = cardinality(cast(:skus as text[])) as integer) from held
    """),
    single,
)
_COMMIT = Prepared(
    text("""
    with committed as (
        update holds set state = 'committed'
        where hold_id = cast(:hold_id as uuid) and state = 'held'
        returning expires_at, lines
    ), gone as (
        delete from reservations
        where hold_id = cast(:hold_id as uuid) and exists (select from committed)
        returning sku, quantity
    ), locked as (
        select sku from stock where sku in (select sku from gone) order by sku for no key update of stock
    ), taken as (
        update stock set on_hand = stock.on_hand - gone.quantity, reserved = stock.reserved - gone.quantity,
            version = stock.version + 1, sequence = stock.sequence + 1
        from gone, locked
        where stock.sku = locked.sku and gone.sku = locked.sku
        returning stock.sku
    )
    select expires_at, lines::text, 1 / cast((select count(*) from taken) = (select count(*) from gone) as integer)
    from committed
    """),
    lambda expires_at, lines, _all_taken: (expires_at, lines),
)


async def place(database: Database, hold: StoredHold, now: datetime) -> bool:
    """Whether it was placed; else nothing was changed. A unit of each SKU stays free."""
    if not database.is_postgres:
        return False
    quantities = hold.quantities
    placed: Sequence[object] = await database.at_once(
        _PLACE,
        hold_id=hold.hold_id,
        expires_at=hold.expires_at,
        lines=msgspec.json.encode(hold.lines).decode(),
        now=now,
        skus=list(quantities),
        quantities=list(quantities.values()),
    )
    return bool(placed)


async def commit(database: Database, hold_id: UUID) -> StoredHold | None:
    """The hold, committed now; else nothing was changed."""
    found = await database.at_once(_COMMIT, hold_id=hold_id) if database.is_postgres else []
    for expires_at, lines in found:
        held = msgspec.json.decode(lines, type=list[HeldLine])
        return StoredHold(hold_id=hold_id, state="committed", expires_at=expires_at, lines=held)
    return None
