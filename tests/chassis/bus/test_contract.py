import asyncio
import time

from services.chassis.bus.port import Binding, Bus, Poison
from services.contracts.message import Message
from tests.chassis.bus.scene import (
    PATIENCE_S,
    RETRY_DELAYS_S,
    Post,
    Recorder,
    consuming,
    listening,
    make_message,
    raising,
    until_dead,
)

QUIET_S = 0.5
"""Long enough for what must not come to come."""


async def test_every_service_that_is_bound_gets_the_message_once(post: Post, bus: Bus) -> None:
    shops = [await post.bind(name) for name in ("items", "alerts")]
    recorders = [Recorder(), Recorder()]

    async with consuming(bus, shops[0], recorders[0]), consuming(bus, shops[1], recorders[1]):
        message = await post.publish()
        for recorder in recorders:
            await recorder.reach(1)
        await asyncio.sleep(QUIET_S)

    assert [recorder.ids for recorder in recorders] == [[message.event_id]] * 2


async def test_a_message_arrives_as_it_was_sent(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    recorder = Recorder()

    async with consuming(bus, service, recorder):
        message = await post.publish(payload=b'{"title": "K\xc3\xa4se", "nothing": "\x00"}')
        await recorder.reach(1)

    assert recorder.messages == [message]


async def test_a_service_gets_only_the_kinds_it_is_bound_to(post: Post, bus: Bus) -> None:
    placed, paid = post.kind("order.placed"), post.kind("order.paid")
    await post.bind("items", placed)
    service = await post.bind("alerts", paid)
    recorder = Recorder()

    async with consuming(bus, service, recorder):
        await post.publish(placed)
        wanted = await post.publish(paid)
        await recorder.reach(1)
        await asyncio.sleep(QUIET_S)

    assert recorder.ids == [wanted.event_id]


async def test_a_message_that_no_service_wants_is_done_with(post: Post, bus: Bus) -> None:
    await post.bind("items")
    wanted, unwanted = make_message(post.kind()), make_message(post.kind("order.forgotten"))

    taken = await bus.publish([unwanted, wanted])

    assert taken == {wanted.event_id, unwanted.event_id}


async def test_declaring_again_changes_nothing_and_more_kinds_add_to_the_old(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    await bus.declare([Binding(service=service, kinds=frozenset({post.kind("order.paid")}))])
    await post.bind("items")
    recorder = Recorder()

    async with consuming(bus, service, recorder):
        sent = {(await post.publish(kind)).event_id for kind in (post.kind(), post.kind("order.paid"))}
        await recorder.reach(2)

    assert set(recorder.ids) == sent


async def test_what_was_published_while_nobody_consumed_is_kept(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    sent = [(await post.publish()).event_id for _ in range(5)]
    recorder = Recorder()

    async with consuming(bus, service, recorder):
        await recorder.reach(5)

    assert sorted(recorder.ids) == sorted(sent)


async def test_more_messages_than_are_confirmed_at_once_are_all_taken(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    messages = [make_message(post.kind()) for _ in range(250)]
    recorder = Recorder()

    taken = await bus.publish(messages)
    async with consuming(bus, service, recorder):
        await recorder.reach(250)

    assert taken == set(recorder.ids) == {message.event_id for message in messages}


async def test_a_failed_message_is_tried_again_after_its_wait(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    tries: list[float] = []

    async def fail_twice(_: Message) -> None:
        tries.append(time.monotonic())
        if len(tries) <= 2:
            raise ConnectionError("the database is away")

    recorder = Recorder(fail_twice)
    async with consuming(bus, service, recorder):
        message = await post.publish()
        await recorder.reach(3)
        await asyncio.sleep(QUIET_S)

    assert recorder.messages == [message] * 3
    assert tries[1] - tries[0] >= RETRY_DELAYS_S[0] * 0.9
    assert tries[2] - tries[1] >= RETRY_DELAYS_S[1] * 0.9
    assert await bus.dead(service) == []


async def test_a_message_that_always_fails_is_dead_after_its_last_try(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    recorder = raising(ConnectionError("the database is away"))

    async with consuming(bus, service, recorder):
        message = await post.publish()
        [dead] = await until_dead(bus, service)

    assert recorder.messages == [message] * (1 + len(RETRY_DELAYS_S))
    assert (dead.message, dead.reason) == (message, "ConnectionError: the database is away")


async def test_a_poison_message_is_dead_at_once_with_its_reason(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    recorder = raising(Poison("schema 9 is not known"))

    async with consuming(bus, service, recorder):
        message = await post.publish()
        [dead] = await until_dead(bus, service)

    assert recorder.messages == [message]
    assert (dead.message, dead.reason) == (message, "schema 9 is not known")


async def test_a_very_long_reason_does_not_keep_a_message_from_dying(post: Post, bus: Bus) -> None:
    service = await post.bind("items")

    async with consuming(bus, service, raising(Poison("é" * 1_000_000))):
        await post.publish()
        [dead] = await until_dead(bus, service)

    assert dead.reason.startswith("ééé")


async def test_a_handler_that_cancels_itself_has_failed(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    recorder = raising(asyncio.CancelledError())

    async with consuming(bus, service, recorder):
        await post.publish()
        await recorder.reach(2)

    assert len(recorder.messages) >= 2


async def test_looking_at_the_dead_takes_nothing_from_them(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    async with consuming(bus, service, raising(Poison("never"))):
        for _ in range(3):
            await post.publish()
        first = await until_dead(bus, service, 3)

    again = await bus.dead(service)
    some = await bus.dead(service, limit=2)

    assert again == first
    assert some == first[:2]


async def test_a_redriven_message_is_handled_and_has_all_its_tries_again(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    async with consuming(bus, service, raising(ConnectionError("away"))):
        message = await post.publish()
        await until_dead(bus, service)
    failing = raising(ConnectionError("still away"))

    moved = await bus.redrive(service)
    async with consuming(bus, service, failing):
        await until_dead(bus, service)
    moved_again = await bus.redrive(service)
    recorder = Recorder()
    async with consuming(bus, service, recorder):
        await recorder.reach(1)

    assert (moved, moved_again) == (1, 1)
    assert len(failing.messages) == 1 + len(RETRY_DELAYS_S)
    assert recorder.messages == [message]
    assert await bus.dead(service) == []


async def test_redrive_moves_no_more_than_asked_for(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    async with consuming(bus, service, raising(Poison("never"))):
        for _ in range(3):
            await post.publish()
        await until_dead(bus, service, 3)

    moved = await bus.redrive(service, limit=2)

    assert moved == 2
    assert len(await bus.dead(service)) == 1


async def test_redrive_of_messages_that_die_again_ends(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    async with consuming(bus, service, raising(Poison("never"))):
        for _ in range(3):
            await post.publish()
        await until_dead(bus, service, 3)

        moved = await bus.redrive(service)
        await until_dead(bus, service, 3)

    assert moved == 3


async def test_no_more_are_handled_at_once_than_was_asked_for(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    running, most = 0, 0

    async def linger(_: Message) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    recorder = Recorder(linger)
    await bus.publish([make_message(post.kind()) for _ in range(20)])
    async with consuming(bus, service, recorder, prefetch=4):
        await recorder.reach(20)

    assert most == 4


async def test_consumers_of_one_service_share_its_messages(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    both = Recorder()
    first, second = Recorder(both), Recorder(both)

    async with consuming(bus, service, first, prefetch=1), consuming(bus, service, second, prefetch=1):
        sent = await bus.publish([make_message(post.kind()) for _ in range(50)])
        await both.reach(50)
        await asyncio.sleep(QUIET_S)

    assert sorted(first.ids + second.ids) == sorted(sent)


async def test_a_handler_under_way_ends_before_consuming_does(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    finished = asyncio.Event()

    async def take_a_while(_: Message) -> None:
        await asyncio.sleep(0.3)
        finished.set()

    begun = Recorder(take_a_while)
    async with consuming(bus, service, begun):
        await post.publish()
        await begun.reach(1)
    again = Recorder()
    async with consuming(bus, service, again):
        await asyncio.sleep(QUIET_S)

    assert finished.is_set()
    assert again.messages == []


async def test_every_listener_hears_what_is_published_from_now_on(post: Post) -> None:
    kind = post.kind("listened")
    await post.bind("items", kind)
    await post.publish(kind)
    first, second = Recorder(), Recorder()

    async with listening(post, first), listening(post, second):
        first.messages.clear()
        message = await post.publish(kind)
        for recorder in (first, second):
            await recorder.reach(1)

    assert first.messages == second.messages == [message]


async def test_a_listener_that_fails_hears_the_next_message_and_not_the_same_again(post: Post) -> None:
    kind = post.kind("listened")
    await post.bind("items", kind)
    recorder = raising(ValueError("cannot show it"))

    async with listening(post, recorder):
        sent = [await post.publish(kind), await post.publish(kind)]
        await recorder.reach(2)
        await asyncio.sleep(QUIET_S)

    assert sorted(recorder.ids) == sorted(message.event_id for message in sent)


async def test_closing_ends_consumers_and_listeners(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    tasks = [
        asyncio.create_task(bus.consume(service, Recorder())),
        asyncio.create_task(bus.listen(frozenset({post.kind()}), Recorder())),
    ]
    await asyncio.sleep(QUIET_S)

    await bus.close()
    done, pending = await asyncio.wait(tasks, timeout=PATIENCE_S)

    assert pending == set()
    assert [task.exception() for task in done] == [None, None]


async def test_a_bus_in_order_is_ready(bus: Bus) -> None:
    assert await bus.ready()


async def test_publishing_nothing_takes_nothing(bus: Bus) -> None:
    assert await bus.publish([]) == frozenset()


async def test_a_closed_bus_takes_nothing_and_is_not_ready(post: Post, bus: Bus) -> None:
    await post.bind("items")
    await post.publish()

    await bus.close()
    taken = await bus.publish([make_message(post.kind())])

    assert taken == frozenset()
    assert not await bus.ready()
