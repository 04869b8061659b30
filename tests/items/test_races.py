"""What many buyers at once must never bring about, on PostgreSQL: the full numbers run under `soak`."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from services.chassis.database import Database
from services.chassis.ids import uuid7
from services.items.tables import RESERVATIONS, STOCK
from tests.chassis.asker import Answer
from tests.items.conftest import POOL_SIZE
from tests.items.engine import FailingIndex
from tests.items.market import HandClock, Market, code, open_market

BUYERS = 500
UNITS = 100
AT_ONCE = 64
BUSY = 503


@pytest.fixture
async def crowded(postgres: Database, tmp_path: Path, clock: HandClock, engine: FailingIndex) -> Market:
    """A market on PostgreSQL."""
    opened = open_market(postgres, tmp_path, clock, engine)
    await opened.open()
    return opened


async def insist(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """As orders does: a store that is too busy is asked again, with the same id."""
    answer = await attempt()
    while answer.status == BUSY:
        await asyncio.sleep(0.05)
        answer = await attempt()
    return answer


async def hold(market: Market, lines: Mapping[str, int], hold_id: UUID) -> Answer:
    async def attempt() -> Answer:
        return (await market.hold(lines, hold_id=hold_id))[1]

    return await insist(attempt)


async def sold_to_a_crowd(market: Market, sku: str) -> Counter[int]:
    """How often each status was answered."""

    async def buy() -> int:
        hold_id = uuid7()
        answer = await hold(market, {sku: 1}, hold_id)
        if answer.status == 200:
            answer = await insist(lambda: market.settle_hold(hold_id, "commit"))
        return answer.status

    return Counter(await asyncio.gather(*(buy() for _ in range(BUYERS))))


async def broken(database: Database) -> list[str]:
    """SKUs whose stock does not agree with itself and with the reservations."""
    held = select(func.coalesce(func.sum(RESERVATIONS.c.quantity), 0)).where(RESERVATIONS.c.sku == STOCK.c.sku)
    wrong = (STOCK.c.reserved != held.scalar_subquery()) | (STOCK.c.reserved < 0) | (STOCK.c.reserved > STOCK.c.on_hand)
    async with database.reading() as connection:
        return list((await connection.execute(select(STOCK.c.sku).where(wrong))).scalars())


async def deadlocks(database: Database) -> int:
    async with database.reading() as connection:
        counted = text("select deadlocks from pg_stat_database where datname = current_database()")
        return int((await connection.execute(counted)).scalar_one())


@pytest.mark.parametrize("runs", [pytest.param(2, marks=pytest.mark.servers), pytest.param(20, marks=pytest.mark.soak)])
async def test_of_a_hundred_units_five_hundred_buyers_get_exactly_a_hundred(crowded: Market, runs: int) -> None:
    for run in range(runs):
        sku = f"RARE-{run}"
        await crowded.sell("Rare", sku, on_hand=UNITS)

        statuses = await sold_to_a_crowd(crowded, sku)

        assert statuses == {200: UNITS, 409: BUYERS - UNITS}
        assert (await crowded.level(sku))[:2] == (0, 0)
    assert await broken(crowded.database) == []


@pytest.mark.parametrize(
    "orders", [pytest.param(400, marks=pytest.mark.servers), pytest.param(10_000, marks=pytest.mark.soak)]
)
async def test_no_order_of_several_skus_meets_a_deadlock(crowded: Market, orders: int) -> None:
    dice = random.Random(7)
    skus = [f"SKU-{number}" for number in range(12)]
    for sku in skus:
        await crowded.sell(sku, sku, on_hand=orders)
    lane = asyncio.Semaphore(AT_ONCE)

    async def order(lines: Mapping[str, int], end: str) -> list[int]:
        async with lane:
            hold_id = uuid7()
            placed = await hold(crowded, lines, hold_id)
            if end == "expire":
                return [placed.status]
            settled = await insist(lambda: crowded.settle_hold(hold_id, end))
            return [placed.status, settled.status]

    wanted = [
        ({sku: dice.randint(1, 3) for sku in dice.sample(skus, dice.randint(1, 5))}, dice.choice(ENDS))
        for _ in range(orders)
    ]
    statuses = Counter(status for one in await asyncio.gather(*(order(*one) for one in wanted)) for status in one)
    crowded.clock.pass_by(901)
    await asyncio.gather(*(crowded.run("expire_holds") for _ in range(3)))

    assert set(statuses) == {200}
    assert await deadlocks(crowded.database) == 0
    assert await broken(crowded.database) == []
    sold = sum(units for lines, end in wanted if end == "commit" for units in lines.values())
    assert sum([(await crowded.level(sku))[0] for sku in skus]) == len(skus) * orders - sold


ENDS = ("commit", "release", "expire")


@pytest.mark.parametrize(
    "races", [pytest.param(100, marks=pytest.mark.servers), pytest.param(1_000, marks=pytest.mark.soak)]
)
async def test_a_commit_that_races_with_expiry_takes_the_units_or_learns_that_they_went_back(
    crowded: Market, races: int
) -> None:
    await crowded.sell("Rare", "RARE", on_hand=races)
    holds = [(await crowded.hold({"RARE": 1}, lasts_s=60))[0] for _ in range(races)]
    crowded.clock.pass_by(60)
    lane = asyncio.Semaphore(POOL_SIZE // 2)  # Room for the expiry, which nobody would ask again here.

    async def commit(hold_id: UUID) -> Answer:
        async with lane:
            return await insist(lambda: crowded.settle_hold(hold_id, "commit"))

    answers, _ = await asyncio.gather(
        asyncio.gather(*(commit(hold_id) for hold_id in holds)),
        asyncio.gather(*(crowded.run("expire_holds") for _ in range(2))),
    )

    outcomes = Counter("committed" if answer.status == 200 else code(answer)[1] for answer in answers)
    assert outcomes["committed"] + outcomes["hold_expired"] == races
    assert (await crowded.level("RARE"))[:2] == (races - outcomes["committed"], 0)
    assert await broken(crowded.database) == []


@pytest.mark.servers
async def test_one_hold_asked_for_fifty_times_at_once_is_one_hold(crowded: Market) -> None:
    await crowded.sell("Blue Mug", "MUG-BLUE", on_hand=60)
    hold_id = uuid7()

    answers = await asyncio.gather(*(hold(crowded, {"MUG-BLUE": 1}, hold_id) for _ in range(50)))

    assert {answer.status for answer in answers} == {200}
    assert await crowded.level("MUG-BLUE") == (60, 1, 1)


@pytest.mark.servers
async def test_the_last_units_of_two_variants_taken_at_once_leave_the_item_sold_out(crowded: Market) -> None:
    for number in range(10):
        item = await crowded.sell("Mug", f"BLUE-{number}", on_hand=1)
        await crowded.add_variant(item, f"RED-{number}", on_hand=1)

    taken = [{f"{colour}-{number}": 1} for number in range(10) for colour in ("BLUE", "RED")]
    await asyncio.gather(*(hold(crowded, lines, uuid7()) for lines in taken))

    page = (await crowded.ask("GET", "/api/v1/items")).json()["items"]
    assert isinstance(page, list)
    assert {item["in_stock"] for item in page} == {False}


@pytest.mark.servers
async def test_a_seller_who_edits_and_counts_does_not_meet_a_deadlock_with_buyers(crowded: Market) -> None:
    item = await crowded.sell("Mug", "MUG-B", on_hand=500)
    item = await crowded.add_variant(item, "MUG-A", on_hand=500)

    async def buy() -> int:
        return (await hold(crowded, {"MUG-B": 1, "MUG-A": 1}, uuid7())).status

    async def edit() -> int:
        status = 200
        version = item.version
        for _ in range(20):
            change = {"version": version, "title": f"Mug {version}"}
            answer = await crowded.ask("PATCH", f"/api/v1/seller/items/{item.id}", change, as_="seller")
            status, version = max(status, answer.status), version + 1
        return status

    statuses = await asyncio.gather(*(buy() for _ in range(100)), edit())

    assert set(statuses) == {200}
    assert await deadlocks(crowded.database) == 0
