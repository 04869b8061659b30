import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from sqlalchemy import func, insert, select

from services.chassis.bus.port import Handler, Poison
from services.chassis.clock import utc_now
from services.chassis.database import Database, Unit
from services.chassis.errors import Conflict, Unavailable
from services.chassis.ids import uuid7
from services.chassis.telemetry.context import served
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from services.chassis.worker import Subscription, Timer, Worker, on
from services.contracts.message import Message
from tests.chassis.fake_bus import FakeBus
from tests.chassis.shop import THING, ThingMade

Deliver = Callable[[Message], object]


class BusByHand(FakeBus):
    """Gives the worker's handler to the test, which plays the broker."""

    def __init__(self) -> None:
        super().__init__()
        self.handler: asyncio.Future[Handler] = asyncio.get_running_loop().create_future()

    async def consume(self, service: str, handle: Handler, *, prefetch: int = 32) -> None:
        assert (service, prefetch > 0) == ("shop", True)
        self.handler.set_result(handle)
        await asyncio.Event().wait()


def message_of(name: str, *, payload: bytes | None = None) -> Message:
    return Message(
        event_id=uuid7(),
        kind=ThingMade.kind,
        schema_version=1,
        aggregate_id="1",
        aggregate_version=1,
        occurred_at=utc_now(),
        payload=payload or msgspec.json.encode(ThingMade(name=name)),
        headers={"request_id": "r-1", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    )


@asynccontextmanager
async def consuming(database: Database, metrics: Metrics, *subscriptions: Subscription) -> AsyncIterator[Handler]:
    bus = BusByHand()
    worker = Worker("shop", database=database, bus=bus, metrics=metrics, traces=Traces())
    running = asyncio.create_task(worker.run(subscriptions, ()))
    yield await bus.handler
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def add_thing(unit: Unit, event: ThingMade, _message: Message) -> None:
    await unit.connection.execute(insert(THING).values(id=unit.new_id(), name=event.name))


async def count_things(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(THING))).scalar_one()


async def test_an_event_delivered_three_times_at_once_has_one_effect(database: Database, metrics: Metrics) -> None:
    message = message_of("lamp")

    async with consuming(database, metrics, on(ThingMade, add_thing)) as deliver:
        await asyncio.gather(*(deliver(message) for _ in range(3)))

    assert await count_things(database) == 1


async def test_an_effect_that_fails_leaves_the_event_to_be_handled_again(database: Database, metrics: Metrics) -> None:
    message = message_of("lamp")
    away = [True]

    async def fail_once(unit: Unit, event: ThingMade, message: Message) -> None:
        await add_thing(unit, event, message)
        if away:
            away.pop()
            raise Unavailable("the store is away")

    async with consuming(database, metrics, on(ThingMade, fail_once)) as deliver:
        with pytest.raises(Unavailable):
            await deliver(message)
        await deliver(message)

    assert await count_things(database) == 1


class NotNow(Conflict):
    code = "not_now"
    title = "Not now"


async def test_an_event_that_can_never_be_handled_is_poison(database: Database, metrics: Metrics) -> None:
    async def refuse(unit: Unit, event: ThingMade, message: Message) -> None:
        await add_thing(unit, event, message)
        raise NotNow("it is over")

    async with consuming(database, metrics, on(ThingMade, refuse)) as deliver:
        with pytest.raises(Poison, match="not_now"):
            await deliver(message_of("lamp"))
        with pytest.raises(Poison, match="cannot be read"):
            await deliver(message_of("", payload=b'{"name":5}'))

    assert await count_things(database) == 0


async def test_what_an_event_causes_carries_on_its_trace(database: Database, metrics: Metrics) -> None:
    seen: list[str] = []

    async def look(_unit: Unit, _event: ThingMade, _message: Message) -> None:
        seen.extend([served.get().request_id, served.get().traceparent[3:35]])

    async with consuming(database, metrics, on(ThingMade, look)) as deliver:
        await deliver(message_of("lamp"))

    assert seen == ["r-1", "a" * 32]


async def test_a_timer_that_fails_runs_again(database: Database, metrics: Metrics) -> None:
    runs: list[int] = []
    twice = asyncio.Event()

    async def job() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ZeroDivisionError
        twice.set()

    worker = Worker("shop", database=database, bus=FakeBus(), metrics=metrics, traces=Traces())
    running = asyncio.create_task(worker.run((), [Timer(name="job", every_s=0.02, run=job)]))
    async with asyncio.timeout(5):
        await twice.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    failures = metrics.registry.get_sample_value("souk_timer_failures_total", {"service": "shop", "timer": "job"})
    assert failures == 1
