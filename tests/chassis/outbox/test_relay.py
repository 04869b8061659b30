import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services.chassis.clock import utc_now
from services.chassis.database import Database, open_database
from services.chassis.ids import uuid7
from services.chassis.outbox.relay import Relay, forget_published, notify, replay_published
from services.chassis.outbox.writing import OUTBOX, to_row
from services.chassis.telemetry.metrics import Metrics
from tests.chassis.fake_bus import FakeBus
from tests.chassis.shop import ThingMade


async def record(database: Database, count: int) -> None:
    async with database.unit() as unit:
        for _ in range(count):
            unit.record(ThingMade(name="lamp"), aggregate_id=unit.new_id(), aggregate_version=1)


def relay_of(database: Database, bus: FakeBus, metrics: Metrics) -> Relay:
    return Relay(database, bus, service="shop", clock=utc_now, metrics=metrics)


async def unpublished(database: Database) -> int:
    async with database.reading() as connection:
        query = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.published_at.is_(None))
        return (await connection.execute(query)).scalar_one()


async def test_what_commits_is_published_once(database: Database, metrics: Metrics) -> None:
    bus = FakeBus()
    await record(database, 250)

    published = await relay_of(database, bus, metrics).drain()
    again = await relay_of(database, bus, metrics).drain()

    assert (published, again) == (250, 0)
    assert len(set(bus.taken)) == len(bus.taken) == 250


async def test_what_rolls_back_is_never_published(database: Database, metrics: Metrics) -> None:
    bus = FakeBus()

    class Changed(Exception): ...

    try:
        async with database.unit() as unit:
            unit.record(ThingMade(name="lamp"), aggregate_id="1", aggregate_version=1)
            raise Changed
    except Changed:
        await relay_of(database, bus, metrics).drain()

    assert bus.taken == []


async def test_what_the_bus_refuses_waits_and_is_tried_again(database: Database, metrics: Metrics) -> None:
    bus = FakeBus()
    bus.away = True
    await record(database, 3)
    relay = relay_of(database, bus, metrics)

    at_first = await relay.drain()
    bus.away = False
    too_soon = await relay.drain()
    await asyncio.sleep(1.1)
    at_last = await relay.drain()

    assert (at_first, too_soon, at_last) == (0, 0, 3)


async def test_relays_at_once_share_the_work_and_lose_nothing(database: Database, metrics: Metrics) -> None:
    bus = FakeBus()
    await record(database, 500)

    counts = await asyncio.gather(*(relay_of(database, bus, metrics).drain() for _ in range(3)))
    rest = await relay_of(database, bus, metrics).drain()

    assert sum(counts) + rest == 500
    assert await unpublished(database) == 0


@pytest.mark.servers
async def test_a_row_whose_transaction_commits_late_is_still_published(postgres: Database, metrics: Metrics) -> None:
    bus = FakeBus()
    relay = relay_of(postgres, bus, metrics)
    async with postgres.unit() as slow:
        slow.record(ThingMade(name="early number, late commit"), aggregate_id="slow", aggregate_version=1)
        slow.insert(OUTBOX, [to_row(message) for message in slow.recorded])
        await slow.flush()
        late = slow.recorded.pop().event_id
        await record(postgres, 5)
        before = await relay.drain()

    after = await relay.drain()

    assert (before, after) == (5, 1)
    assert bus.taken[-1] == late


@pytest.mark.servers
async def test_a_running_relay_hears_of_commits_in_another_process(
    postgres: Database, postgres_database: str, metrics: Metrics
) -> None:
    bus = FakeBus()
    elsewhere = open_database(postgres_database, clock=utc_now, ids=uuid7)
    tasks = [asyncio.create_task(relay_of(postgres, bus, metrics).run()), asyncio.create_task(notify(elsewhere))]
    await asyncio.sleep(1.5)

    loop = asyncio.get_running_loop()
    waits: list[float] = []
    for _ in range(10):
        seen, started = len(bus.taken), loop.time()
        await record(elsewhere, 1)
        while len(bus.taken) == seen:  # noqa: ASYNC110 - the fake has no one to tell.
            await asyncio.sleep(0.005)
        waits.append(loop.time() - started)

    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await elsewhere.close()
    assert sorted(waits)[5] < 0.3  # Polling alone would take half a second on average.


async def test_published_rows_can_be_replayed_until_they_are_forgotten(database: Database, metrics: Metrics) -> None:
    bus = FakeBus()
    await record(database, 2)
    relay = relay_of(database, bus, metrics)
    await relay.drain()

    await replay_published(database, since=utc_now() - timedelta(minutes=1))
    replayed = await relay.drain()
    forgotten_early = await forget_published(database, now=utc_now())
    forgotten = await forget_published(database, now=utc_now() + timedelta(days=8))

    assert (replayed, forgotten_early, forgotten) == (2, 0, 2)
    assert len(set(bus.taken)) == 2
