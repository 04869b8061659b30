import asyncio
from datetime import timedelta

import aiormq
import pytest
from aiormq.abc import DeliveredMessage

from services.chassis.bus.handling import DELIVERY_LIMIT
from services.chassis.bus.rabbit import RabbitBus
from services.chassis.bus.rabbit.bus import BrokerAway
from services.chassis.bus.rabbit.topology import in_queue
from services.chassis.clock import utc_now
from tests.chassis.bus.scene import PATIENCE_S, Post, Recorder, consuming, until_dead
from tests.servers.ports import free_port

pytestmark = pytest.mark.servers


async def _receive_and_crash(url: str, queue: str) -> None:
    """What a process does that dies of a message: it takes it, and its connection ends."""
    async with asyncio.timeout(PATIENCE_S), aiormq.connect(url) as connection:
        channel = await connection.channel()
        received = asyncio.Event()

        async def take(_: DeliveredMessage) -> None:
            received.set()

        await channel.basic_qos(prefetch_count=1)
        await channel.basic_consume(queue, take)
        await received.wait()


async def test_a_message_that_kills_its_consumers_is_dead_within_the_delivery_limit(
    rabbit_post: Post, rabbitmq_url: str
) -> None:
    service = await rabbit_post.bind("items")
    message = await rabbit_post.publish()

    for _ in range(1 + DELIVERY_LIMIT):
        await _receive_and_crash(rabbitmq_url, in_queue(service))
    [dead] = await until_dead(rabbit_post.bus, service)

    assert (dead.message, dead.reason) == (message, "delivery_limit")
    assert abs(dead.died_at - utc_now()) < timedelta(minutes=1)


async def test_a_message_that_killed_its_consumers_can_be_redriven(rabbit_post: Post, rabbitmq_url: str) -> None:
    service = await rabbit_post.bind("items")
    message = await rabbit_post.publish()
    for _ in range(1 + DELIVERY_LIMIT):
        await _receive_and_crash(rabbitmq_url, in_queue(service))
    await until_dead(rabbit_post.bus, service)

    moved = await rabbit_post.bus.redrive(service)
    await _receive_and_crash(rabbitmq_url, in_queue(service))
    recorder = Recorder()
    async with consuming(rabbit_post.bus, service, recorder):
        await recorder.reach(1)

    assert moved == 1
    assert recorder.messages == [message]


async def test_a_message_from_elsewhere_that_cannot_be_read_is_dead_and_holds_nothing_up(
    rabbit_post: Post, rabbitmq_url: str
) -> None:
    service = await rabbit_post.bind("items")
    recorder = Recorder()

    async with aiormq.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        await channel.basic_publish(b"what is this", routing_key=in_queue(service))
    async with consuming(rabbit_post.bus, service, recorder):
        message = await rabbit_post.publish()
        await recorder.reach(1)
        [dead] = await until_dead(rabbit_post.bus, service)

    assert recorder.messages == [message]
    assert dead.reason.startswith("unreadable: ")
    assert dead.message.payload == b"what is this"


async def test_redriving_what_cannot_be_read_ends_with_it_dead_again(rabbit_post: Post, rabbitmq_url: str) -> None:
    service = await rabbit_post.bind("items")
    async with aiormq.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        await channel.basic_publish(b"what is this", routing_key=in_queue(service))

    async with consuming(rabbit_post.bus, service, Recorder()):
        await until_dead(rabbit_post.bus, service)
        moved = await rabbit_post.bus.redrive(service)
        [dead] = await until_dead(rabbit_post.bus, service)

    assert moved == 1
    assert dead.message.payload == b"what is this"


async def test_without_a_broker_nothing_is_taken_and_the_bus_is_not_ready() -> None:
    post = Post(RabbitBus(f"amqp://guest:guest@127.0.0.1:{free_port()}/"))

    with pytest.raises(BrokerAway):
        await post.bind("items")
    ready = await post.bus.ready()
    with pytest.raises(BrokerAway):
        await post.bus.dead("items")
    await post.bus.close()

    assert not ready


async def test_a_bus_that_waits_for_its_broker_closes_at_once() -> None:
    bus = RabbitBus(f"amqp://guest:guest@127.0.0.1:{free_port()}/")
    waiting = asyncio.create_task(bus.consume("items", Recorder()))
    await asyncio.sleep(0.3)

    async with asyncio.timeout(1):
        await bus.close()
        await waiting

    assert waiting.done()
