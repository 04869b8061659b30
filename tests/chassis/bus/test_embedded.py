import asyncio
import sqlite3
from pathlib import Path

import pytest

from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Poison
from tests.chassis.bus.scene import RETRY_DELAYS_S, Post, Recorder, consuming, make_message, raising, until_dead

pytestmark = pytest.mark.embedded


async def test_messages_retries_and_the_dead_outlive_the_bus(tmp_path: Path) -> None:
    post = Post(EmbeddedBus(tmp_path / "bus.db", retry_delays_s=(0.3,)))
    waiting, failing, poisoned = [await post.bind(name) for name in ("waiting", "failing", "poisoned")]
    message = await post.publish()
    failed = raising(ConnectionError("away"))
    async with consuming(post.bus, poisoned, raising(Poison("never"))), consuming(post.bus, failing, failed):
        await until_dead(post.bus, poisoned)
        await failed.reach(1)
    await post.bus.close()

    bus = EmbeddedBus(tmp_path / "bus.db", retry_delays_s=(0.3,))
    recorders = [Recorder(), Recorder()]
    async with consuming(bus, waiting, recorders[0]), consuming(bus, failing, recorders[1]):
        for recorder in recorders:
            await recorder.reach(1)
    [dead] = await bus.dead(poisoned)
    await bus.close()

    assert [recorder.messages for recorder in recorders] == [[message], [message]]
    assert (dead.message, dead.reason) == (message, "never")


async def test_a_message_published_again_while_it_waits_is_delivered_once(embedded_post: Post) -> None:
    service = await embedded_post.bind("items")
    message = await embedded_post.publish()
    recorder = Recorder()

    again = await embedded_post.bus.publish([message, message])
    async with consuming(embedded_post.bus, service, recorder):
        await recorder.reach(1)
        await asyncio.sleep(0.3)

    assert again == {message.event_id}
    assert recorder.messages == [message]


async def test_a_file_that_cannot_be_opened_takes_nothing_and_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "bus.db").mkdir()
    post = Post(EmbeddedBus(tmp_path / "bus.db"))
    await post.bind("items")

    taken = await post.bus.publish([make_message(post.kind())])
    ready = await post.bus.ready()
    await post.bus.close()

    assert taken == frozenset()
    assert not ready


async def test_a_consumer_waits_for_a_file_that_cannot_be_opened_yet(tmp_path: Path) -> None:
    (tmp_path / "bus.db").mkdir()
    post = Post(EmbeddedBus(tmp_path / "bus.db"))
    service = await post.bind("items")
    recorder = Recorder()

    async with consuming(post.bus, service, recorder):
        await asyncio.sleep(0.1)
        (tmp_path / "bus.db").rmdir()
        message = await post.publish()
        await recorder.reach(1)
    await post.bus.close()

    assert recorder.messages == [message]


async def test_publishing_that_is_cancelled_leaves_the_bus_in_order(embedded_post: Post) -> None:
    service = await embedded_post.bind("items")
    recorder = Recorder()

    for _ in range(20):
        publishing = asyncio.create_task(embedded_post.bus.publish([make_message(embedded_post.kind())]))
        await asyncio.sleep(0.0005)
        publishing.cancel()
        await asyncio.wait([publishing])
    async with consuming(embedded_post.bus, service, recorder):
        message = await embedded_post.publish()
        await recorder.reach(1)
        await asyncio.sleep(0.3)

    assert message in recorder.messages


async def test_what_was_handled_leaves_nothing_in_the_file(embedded_post: Post, tmp_path: Path) -> None:
    service = await embedded_post.bind("items")
    recorder = Recorder()
    async with consuming(embedded_post.bus, service, recorder):
        for _ in range(3):
            await embedded_post.publish()
        await recorder.reach(3)
    await embedded_post.bus.close()

    with sqlite3.connect(tmp_path / "bus.db") as connection:
        [(left,)] = connection.execute("select count(*) from delivery").fetchall()
    connection.close()

    assert left == 0


async def test_a_failed_message_waits_while_a_later_one_is_handled(embedded_post: Post) -> None:
    service = await embedded_post.bind("items")
    failing = raising(ConnectionError("away"))

    async with consuming(embedded_post.bus, service, failing, prefetch=1):
        first = await embedded_post.publish()
        await failing.reach(1)
        second = await embedded_post.publish()
        await failing.reach(2 * (1 + len(RETRY_DELAYS_S)))

    assert failing.ids[:2] == [first.event_id, second.event_id]
