import asyncio

import pytest

from services.chassis.bus.port import RETRY_DELAYS_S, Binding
from services.chassis.bus.rabbit import RabbitBus
from services.chassis.bus.rabbit.answers import Away, Backoff, answered
from services.chassis.bus.rabbit.bus import BrokerAway
from services.chassis.bus.rabbit.topology import Topology, retry_queue
from tests.chassis.bus.scene import Post, make_message

LONGEST_S = 6.0


def test_retry_queues_are_named_by_their_wait() -> None:
    names = [retry_queue("orders", wait_s) for wait_s in (*RETRY_DELAYS_S, 0.05, 90)]

    assert names == [
        "orders.retry.1s",
        "orders.retry.10s",
        "orders.retry.1m",
        "orders.retry.10m",
        "orders.retry.50ms",
        "orders.retry.90s",
    ]


def test_a_topology_has_a_new_revision_only_when_something_was_added() -> None:
    topology = Topology(RETRY_DELAYS_S)
    placed = Binding(service="items", kinds=frozenset({"orders.order.placed"}))
    paid = Binding(service="items", kinds=frozenset({"orders.order.paid"}))

    revisions = []
    for binding in (placed, placed, paid, paid):
        topology.add([binding])
        revisions.append(topology.revision)

    assert revisions == [1, 1, 2, 2]


def test_waits_grow_to_a_bound_and_start_short_again() -> None:
    backoff = Backoff()

    waits = [backoff.next_s() for _ in range(20)]
    backoff.reset()
    first_again = backoff.next_s()

    assert waits[0] <= 0.1
    assert all(2.5 <= wait <= 5 for wait in waits[-5:])
    assert first_again <= 0.1


async def test_a_question_without_an_answer_ends() -> None:
    with pytest.raises(Away, match=r"no answer within 0\.01 s"):
        await answered(asyncio.Event().wait(), within_s=0.01)


async def test_a_question_that_the_client_cancels_does_not_cancel_who_asked() -> None:
    async def closed() -> None:
        raise asyncio.CancelledError

    with pytest.raises(Away, match="closed"):
        await answered(closed())


async def test_who_asked_can_be_cancelled() -> None:
    asking = asyncio.create_task(answered(asyncio.Event().wait()))
    await asyncio.sleep(0)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


@pytest.mark.embedded
async def test_a_broker_that_accepts_and_says_nothing_is_given_up_once_and_then_avoided() -> None:
    left = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    post = Post(RabbitBus(f"amqp://guest:guest@127.0.0.1:{port}/"))
    clock = asyncio.get_running_loop().time

    began = clock()
    with pytest.raises(BrokerAway):
        await post.bind("items")
    given_up = clock()
    taken = await post.bus.publish([make_message(post.kind())])
    avoided = clock()
    await post.bus.close()
    await asyncio.wait_for(left.wait(), LONGEST_S)
    server.close()
    await server.wait_closed()

    assert taken == frozenset()
    assert given_up - began < LONGEST_S
    assert avoided - given_up < 1
