"""What orders asks: quotes, holds and restocks. Every operation may be repeated."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import post
from litestar.params import JSONBody, PathParameter

from services.chassis.http.access import for_services
from services.contracts.items import Hold, PlaceHold, Quote, Quotes, RequestQuotes, Restock, Restocked
from services.items.actions import stock as actions
from services.items.api.counter import Counter, NamedCounter
from services.items.domain.refusals import VariantMissing
from services.items.domain.stock import (
    HoldCommitted,
    HoldExpired,
    HoldMissing,
    HoldRefused,
    OfferMissing,
    OutOfStock,
    require_quotable,
    summed,
)
from services.items.store import holds, listings

ORDERS = "orders"

HoldId = Annotated[UUID, PathParameter(description="Id of a hold, given by who placed it")]


@post("/internal/v1/quotes", opt=for_services(ORDERS, refuses=(HoldRefused,)), status_code=200)
async def quote(data: JSONBody[RequestQuotes], counter: NamedCounter) -> Quotes:
    """Offers and what is free of each."""
    require_quotable(data.skus)
    return Quotes(quotes=await _quotes(counter, data.skus))


async def _quotes(counter: Counter, skus: Sequence[str]) -> list[Quote]:
    return await listings.quotes(counter.database, skus, now=counter.clock())


@post(
    "/internal/v1/holds",
    opt=for_services(ORDERS, refuses=(OutOfStock, OfferMissing, HoldRefused)),
    status_code=200,
)
async def place_hold(data: JSONBody[PlaceHold], counter: NamedCounter) -> Hold:
    """Reserve all lines or none. Where too little is free, what expired holds still keep is taken back first."""
    skus = list(summed(data.lines))
    quotes = {quote.offer.sku: quote for quote in await _quotes(counter, skus)}
    hold = await actions.place_plain(counter.database, data, quotes, now=counter.clock())
    if hold is not None:
        return hold
    try:
        async with counter.database.unit() as unit:
            return await actions.place(unit, data, quotes)
    except OutOfStock:
        if not await _reclaim(counter, skus):
            raise
    async with counter.database.unit() as unit:
        return await actions.place(unit, data, quotes)


async def _reclaim(counter: Counter, skus: list[str]) -> bool:
    """Whether anything may have come back. In a unit of its own, so that rows are locked in one order everywhere."""
    async with counter.database.reading() as connection:
        due = await holds.due_of(connection, skus, counter.clock())
    if due:
        async with counter.database.unit() as unit:
            await actions.expire(unit, due)
    return bool(due)


@post(
    "/internal/v1/holds/{hold_id:uuid}/commit",
    opt=for_services(ORDERS, refuses=(HoldMissing, HoldExpired)),
    status_code=200,
)
async def commit_hold(hold_id: HoldId, counter: NamedCounter) -> Hold:
    """The units leave for good."""
    hold = await actions.commit_plain(counter.database, hold_id)
    if hold is not None:
        return hold
    async with counter.database.unit() as unit:
        return await actions.commit(unit, hold_id)


@post(
    "/internal/v1/holds/{hold_id:uuid}/release",
    opt=for_services(ORDERS, refuses=(HoldMissing, HoldCommitted)),
    status_code=200,
)
async def release_hold(hold_id: HoldId, counter: NamedCounter) -> Hold:
    """The units go back."""
    async with counter.database.unit() as unit:
        return await actions.release(unit, hold_id)


@post("/internal/v1/restocks", opt=for_services(ORDERS, refuses=(HoldRefused, VariantMissing)), status_code=200)
async def restock(data: JSONBody[Restock], counter: NamedCounter) -> Restocked:
    """Units of a committed hold come back."""
    async with counter.database.unit() as unit:
        await actions.restock(unit, data)
    return Restocked(restock_id=data.restock_id)


INTERNAL = (quote, place_hold, commit_hold, release_hold, restock)
