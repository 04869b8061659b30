"""What becomes of stock: counted by sellers, held, committed, released and restocked for orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.chassis.database import Database, Unit
from services.contracts.items import Hold, PlaceHold, Quote, Restock, StockRanOut, StockReturned
from services.items.actions.desk import seller_of
from services.items.domain import stock as domain
from services.items.domain.refusals import VariantMissing
from services.items.domain.stock import (
    COMMIT,
    HOLD,
    RELEASE,
    RESTOCK,
    OutOfStock,
    Shift,
    Shifted,
    StockLevel,
    StoredHold,
    summed,
)
from services.items.store import holds, items, plain_holds, stock


class StockBrokenError(Exception):
    """A hold that is held has no stock behind it: a defect, and nothing of the unit may stand."""


async def count(unit: Unit, user_id: UUID, sku: str, on_hand: int, *, seen: int) -> StockLevel:
    """So many are on the shelf. Raises `VariantMissing`, `StaleVersion`, `StockBelowReserved`."""
    seller = await seller_of(unit, user_id)
    before = await stock.locked(unit, sku)
    if before is None or not await items.owns_sku(unit.connection, seller.seller_id, sku):
        raise VariantMissing(sku=sku)
    after = domain.count(before, on_hand, seen=seen)
    await announce(unit, [await stock.save(unit, before, after)])
    return after


async def place_plain(
    database: Database, wanted: PlaceHold, quotes: Mapping[str, Quote], *, now: datetime
) -> Hold | None:
    """The usual case of `place`, without a unit. None: nothing was changed, and `place` says more."""
    lines = summed(wanted.lines)
    if not domain.is_plenty(lines, quotes, wanted.expires_at, now=now):
        return None
    hold = domain.held(wanted, lines, quotes)
    return hold.told() if await plain_holds.place(database, hold, now) else None


async def commit_plain(database: Database, hold_id: UUID) -> Hold | None:
    """The usual case of `commit`, without a unit. None: nothing was changed, and `commit` says more."""
    committed = await plain_holds.commit(database, hold_id)
    return None if committed is None else committed.told()


async def place(unit: Unit, wanted: PlaceHold, quotes: Mapping[str, Quote]) -> Hold:
    """All lines or none; the same id again answers the hold that is there. `quotes` are of the SKUs now on sale.

    Raises `OutOfStock`, `OfferMissing`, `HoldRefused`.
    """
    lines = summed(wanted.lines)
    refusal = domain.refusal(lines, quotes, wanted.expires_at, now=unit.now)
    if refusal is not None:
        earlier = await holds.find(unit, wanted.hold_id)
        if earlier is None:
            raise refusal
        return earlier.told()
    hold = domain.held(wanted, lines, quotes)
    if not await holds.add(unit, hold):
        return (await holds.locked(unit, wanted.hold_id)).told()
    await _take(unit, lines)
    return hold.told()


async def _take(unit: Unit, lines: Mapping[str, int]) -> None:
    taken = await stock.shift(unit, lines, HOLD)
    short = lines.keys() - {shifted.sku for shifted in taken}
    if short:
        sku = min(short)
        raise OutOfStock(sku=sku, free=await stock.free_of(unit, sku))
    await announce(unit, taken)


async def commit(unit: Unit, hold_id: UUID) -> Hold:
    """The units leave for good. Raises `HoldMissing`, `HoldExpired`."""
    before = await holds.locked(unit, hold_id)
    return await _settle(unit, before, domain.commit(before), COMMIT)


async def release(unit: Unit, hold_id: UUID) -> Hold:
    """The units go back. Raises `HoldMissing`, `HoldCommitted`."""
    before = await holds.locked(unit, hold_id)
    return await _settle(unit, before, domain.release(before), RELEASE)


async def _settle(unit: Unit, before: StoredHold, after: StoredHold, by: Shift) -> Hold:
    if after.state != before.state:
        await holds.settle(unit, [after.hold_id], after.state)
        await _shift_all(unit, after.quantities, by)
    return after.told()


async def expire(unit: Unit, hold_ids: Sequence[UUID]) -> int:
    """Units of holds that are over go back, except of those settled meanwhile; how many holds that were."""
    over = await holds.locked_held(unit, hold_ids)
    if over:
        await holds.settle(unit, [hold.hold_id for hold in over], "expired")
        await _shift_all(unit, domain.added_up(over), RELEASE)
    return len(over)


async def restock(unit: Unit, wanted: Restock) -> None:
    """Units that were sold come back, once per restock id. Raises `VariantMissing`."""
    lines = summed(wanted.lines)
    if not await holds.first_restock(unit, wanted.restock_id):
        return
    returned = await stock.shift(unit, lines, RESTOCK)
    unknown = lines.keys() - {shifted.sku for shifted in returned}
    if unknown:
        raise VariantMissing(sku=min(unknown))
    await announce(unit, returned)


async def _shift_all(unit: Unit, lines: Mapping[str, int], by: Shift) -> None:
    shifted = await stock.shift(unit, lines, by)
    if len(shifted) != len(lines):
        raise StockBrokenError(f"stock of {sorted(lines)} does not bear {by}")
    await announce(unit, shifted)


async def announce(unit: Unit, changes: Sequence[Shifted]) -> None:
    """Tell of SKUs of which the last free unit went, or the first one came."""
    for change in changes:
        if change.ran_out:
            gone = StockRanOut(item_id=change.item_id, sku=change.sku)
            unit.record(gone, aggregate_id=change.sku, aggregate_version=change.sequence)
        elif change.returned:
            back = StockReturned(item_id=change.item_id, sku=change.sku)
            unit.record(back, aggregate_id=change.sku, aggregate_version=change.sequence)
    crossed = {change.item_id for change in changes if change.ran_out or change.returned}
    if crossed:
        await stock.note_availability(unit, sorted(crossed))
