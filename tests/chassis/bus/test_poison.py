import asyncio
import statistics
import time

from services.chassis.bus.port import Bus, Poison
from services.contracts.message import Message
from tests.chassis.bus.scene import PATIENCE_S, Post, Recorder, consuming, make_message, until_dead

ROUNDS = 3
MESSAGES = 150
EVERY_S = 0.004
POISON_EVERY = 15
LEAST_MS = 5.0
"""Below this the machine's own jitter is all that is measured."""
ATTEMPTS = 3
"""A neighbour on the machine may spoil a measurement; a bus that holds messages up spoils every one."""


class Stopwatch:
    """Handles messages and knows how long each healthy one was on its way."""

    def __init__(self) -> None:
        self.sent: dict[bytes, float] = {}
        self.waits_ms: list[float] = []

    async def __call__(self, message: Message) -> None:
        if message.payload == b"poison":
            raise Poison("never")
        if message.payload == b"unlucky":
            raise ConnectionError("not now")
        self.waits_ms.append((time.perf_counter() - self.sent[message.payload]) * 1000)

    async def p99_ms(self, post: Post, *, poisoned: bool) -> float:
        self.waits_ms = []
        handled = 0
        for number in range(MESSAGES):
            if poisoned and number % POISON_EVERY == 0:
                await post.publish(payload=b"poison")
                await post.publish(payload=b"unlucky")
            payload = f"{poisoned}-{number}-{time.perf_counter_ns()}".encode()
            self.sent[payload] = time.perf_counter()
            await post.publish(payload=payload)
            handled += 1
            await asyncio.sleep(EVERY_S)
        async with asyncio.timeout(PATIENCE_S):
            while len(self.waits_ms) < handled:  # noqa: ASYNC110 - the handler stays as light as it can be.
                await asyncio.sleep(0.01)
        return statistics.quantiles(self.waits_ms, n=100)[98]


async def _compare(post: Post, watch: Stopwatch) -> tuple[float, float]:
    """The median p99 of calm and of poisoned rounds, taken in turns."""
    calm, poisoned = [], []
    for _ in range(ROUNDS):
        calm.append(await watch.p99_ms(post, poisoned=False))
        poisoned.append(await watch.p99_ms(post, poisoned=True))
    return statistics.median(calm), statistics.median(poisoned)


async def test_poison_and_failing_messages_do_not_hold_up_the_others(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    watch = Stopwatch()
    seen: list[tuple[float, float]] = []

    async with consuming(bus, service, watch):
        for _ in range(ATTEMPTS):
            calm_ms, poisoned_ms = await _compare(post, watch)
            seen.append((calm_ms, poisoned_ms))
            if poisoned_ms <= 2 * max(calm_ms, LEAST_MS):
                break

    calm_ms, poisoned_ms = seen[-1]
    assert poisoned_ms <= 2 * max(calm_ms, LEAST_MS), seen


async def test_the_dead_of_a_busy_queue_are_all_there_and_can_be_redriven(post: Post, bus: Bus) -> None:
    service = await post.bind("items")
    poison = [make_message(post.kind(), payload=b"poison") for _ in range(10)]
    healthy = [make_message(post.kind()) for _ in range(90)]

    async def refuse_poison(message: Message) -> None:
        if message.payload == b"poison":
            raise Poison("never")

    recorder = Recorder(refuse_poison)
    async with consuming(bus, service, recorder):
        await bus.publish([*poison, *healthy])
        dead = await until_dead(bus, service, 10)
        await recorder.reach(100)
    mended = Recorder()
    moved = await bus.redrive(service)
    async with consuming(bus, service, mended):
        await mended.reach(10)

    assert len(recorder.ids) == 100
    assert moved == 10
    assert {found.message.event_id for found in dead} == set(mended.ids) == {message.event_id for message in poison}
