"""Invariant 7, and what an outage looks like from both ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from uuid import UUID

import aiormq
import pytest

from services.chassis.bus.rabbit import RabbitBus
from services.chassis.bus.rabbit.topology import EVENTS, in_queue
from services.contracts.message import Message
from tests.chassis.bus.scene import PATIENCE_S, RETRY_DELAYS_S, Post, Recorder, consuming, make_message
from tests.servers.fleet import Fleet
from tests.servers.program import Server

pytestmark = pytest.mark.servers

KILLS = 3
BATCH = 100
AT_ONCE_S = 1.0
METADATA_S = 2.5
"""Mnesia, where brokers before 4.0 keep their queues, flushes its log every 2 s: a broker that is killed sooner after a
queue was made or deleted may never find its way with that queue again."""


@pytest.fixture(scope="module")
def broker(fleet: Fleet) -> Iterator[Server]:
    server = fleet.own("rabbitmq")
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def post(broker: Server) -> AsyncIterator[Post]:
    bus = RabbitBus(broker.url, retry_delays_s=RETRY_DELAYS_S)
    yield Post(bus)
    await bus.close()


class Publisher:
    """Publishes as the relay does: what was not taken is offered again."""

    def __init__(self, post: Post, messages: Sequence[Message]) -> None:
        self._bus = post.bus
        self._left = {message.event_id: message for message in messages}
        self.taken: set[UUID] = set()
        self._grew = asyncio.Condition()

    async def run(self) -> None:
        while self._left:
            taken = await self._bus.publish(list(self._left.values())[:BATCH])
            for event_id in taken:
                del self._left[event_id]
            self.taken |= taken
            async with self._grew:
                self._grew.notify_all()
            if not taken:
                await asyncio.sleep(0.05)

    async def reach(self, count: int) -> None:
        async with self._grew:
            await self._grew.wait_for(lambda: len(self.taken) >= count)


async def _lose_nothing(post: Post, broker: Server, count: int, *, within_s: float) -> None:
    busy, idle = await post.bind("items"), await post.bind("alerts")
    messages = [make_message(post.kind(), payload=b"x" * 500) for _ in range(count)]
    publisher, handled, kept = Publisher(post, messages), Recorder(), Recorder()
    handled_ids, kept_ids = set[UUID](), set[UUID]()
    await asyncio.sleep(METADATA_S)

    async with asyncio.timeout(within_s), consuming(post.bus, busy, handled):
        publishing = asyncio.create_task(publisher.run())
        for kill in range(1, 1 + KILLS):
            await publisher.reach(count * kill // (KILLS + 1))
            assert not publishing.done()
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
        await publishing
        while len(handled_ids) < count:
            await asyncio.sleep(0.1)
            handled_ids = set(handled.ids)
        async with consuming(post.bus, idle, kept):
            while len(kept_ids) < count:
                await asyncio.sleep(0.1)
                kept_ids = set(kept.ids)

    assert publisher.taken == handled_ids == kept_ids == {message.event_id for message in messages}


async def test_nothing_is_lost_when_the_broker_is_killed_while_publishing(post: Post, broker: Server) -> None:
    await _lose_nothing(post, broker, 6_000, within_s=90)


@pytest.mark.soak
async def test_nothing_of_sixty_thousand_is_lost_when_the_broker_is_killed(post: Post, broker: Server) -> None:
    await _lose_nothing(post, broker, 60_000, within_s=600)


async def test_while_the_broker_is_away_publishing_gives_up_at_once_and_all_goes_on_when_it_is_back(
    post: Post, broker: Server
) -> None:
    service = await post.bind("items")
    recorder = Recorder()
    async with consuming(post.bus, service, recorder):
        await post.publish()
        await recorder.reach(1)
        await asyncio.sleep(METADATA_S)

        await asyncio.to_thread(broker.kill)
        began = time.monotonic()
        refused = [await post.bus.publish([make_message(post.kind())]) for _ in range(3)]
        took_s = time.monotonic() - began
        ready_without = await post.bus.ready()
        await asyncio.to_thread(broker.start)
        async with asyncio.timeout(PATIENCE_S):
            await Publisher(post, [make_message(post.kind())]).run()
        await recorder.reach(2)

    assert refused == [frozenset()] * 3
    assert took_s < AT_ONCE_S
    assert not ready_without
    assert await post.bus.ready()


async def test_a_broker_that_comes_back_empty_gets_its_queues_again(post: Post, broker: Server) -> None:
    service = await post.bind("items")
    await post.publish()
    async with aiormq.connect(broker.url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(in_queue(service))
        await channel.exchange_delete(EVENTS)
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    message = make_message(post.kind())
    recorder = Recorder()

    async with asyncio.timeout(PATIENCE_S), consuming(post.bus, service, recorder):
        await Publisher(post, [message]).run()
        await recorder.reach(1)

    assert recorder.messages == [message]


async def test_a_consumer_whose_queue_is_deleted_gets_it_again(post: Post, broker: Server) -> None:
    service = await post.bind("items")
    recorder = Recorder()
    async with consuming(post.bus, service, recorder):
        await post.publish()
        await recorder.reach(1)

        async with aiormq.connect(broker.url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(in_queue(service))
        async with asyncio.timeout(PATIENCE_S):
            await Publisher(post, [make_message(post.kind())]).run()
        await recorder.reach(2)

    assert len(recorder.messages) == 2
