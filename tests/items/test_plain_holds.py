from datetime import timedelta
from uuid import UUID

import pytest

from services.chassis.ids import uuid7
from services.contracts.items import Offer
from services.items.domain.stock import HeldLine, StoredHold
from services.items.store import holds, listings, plain_holds
from tests.items.market import Market, held

pytestmark = pytest.mark.servers


@pytest.fixture
def database(postgres: object) -> object:
    """PostgreSQL alone has these statements."""
    return postgres


async def hold_of(market: Market, **quantities: int) -> StoredHold:
    quotes = await listings.quotes(market.database, list(quantities), now=market.clock())
    offers: dict[str, Offer] = {quote.offer.sku: quote.offer for quote in quotes}
    return StoredHold(
        hold_id=uuid7(),
        state="held",
        expires_at=market.clock() + timedelta(minutes=15),
        lines=[HeldLine(offer=offers[sku], quantity=quantity) for sku, quantity in sorted(quantities.items())],
    )


async def state(market: Market, hold_id: UUID) -> StoredHold | None:
    async with market.database.unit() as unit:
        return await holds.find(unit, hold_id)


async def test_what_is_plentiful_is_held_and_committed_by_one_statement_each(market: Market) -> None:
    await market.sell("Blue Mug", "BLUE", on_hand=10)
    await market.sell("Red Mug", "RED", on_hand=10)
    hold = await hold_of(market, BLUE=4, RED=1)

    placed = await plain_holds.place(market.database, hold, market.clock())
    kept = await state(market, hold.hold_id)
    reserved = (await market.level("BLUE"), await market.level("RED"))
    committed = await plain_holds.commit(market.database, hold.hold_id)

    assert placed
    assert kept == hold
    assert reserved == ((10, 4, 1), (10, 1, 1))
    assert committed is not None
    assert (committed.state, committed.lines) == ("committed", hold.lines)
    assert (await market.level("BLUE"), await market.level("RED")) == ((6, 0, 2), (9, 0, 2))


async def test_the_last_unit_of_any_line_leaves_everything_to_the_careful_way(market: Market) -> None:
    await market.sell("Blue Mug", "BLUE", on_hand=10)
    await market.sell("Red Mug", "RED", on_hand=1)
    hold = await hold_of(market, BLUE=4, RED=1)

    placed = await plain_holds.place(market.database, hold, market.clock())

    assert not placed
    assert await state(market, hold.hold_id) is None
    assert (await market.level("BLUE"), await market.level("RED")) == ((10, 0, 1), (1, 0, 1))


async def test_a_hold_that_is_known_is_not_placed_again(market: Market) -> None:
    await market.sell("Blue Mug", "BLUE", on_hand=10)
    hold = await hold_of(market, BLUE=4)

    first = await plain_holds.place(market.database, hold, market.clock())
    again = await plain_holds.place(market.database, hold, market.clock())

    assert (first, again) == (True, False)
    assert await market.level("BLUE") == (10, 4, 1)


async def test_a_hold_that_was_settled_before_is_not_committed_by_it(market: Market) -> None:
    await market.sell("Blue Mug", "BLUE", on_hand=10)
    released, _ = await market.hold({"BLUE": 2})
    committed, _ = await market.hold({"BLUE": 3})
    held(await market.settle_hold(released, "release"))
    held(await market.settle_hold(committed, "commit"))

    outcomes = [await plain_holds.commit(market.database, one) for one in (released, committed, uuid7())]

    assert outcomes == [None, None, None]
    assert await market.level("BLUE") == (7, 0, 2)
