import asyncio

import pytest

from services.chassis.cache.memory import MemoryCache
from tests.chassis.cache.loads import Broken, CountedLoad, broken_load
from tests.chassis.clocks import HandClock

TTL_S = 100.0


class Dice:
    """Throws what it is told to."""

    def __init__(self) -> None:
        self.next = 0.0

    def __call__(self) -> float:
        return self.next


class SlowLoad(CountedLoad):
    """Takes two seconds of the clock."""

    def __init__(self, clock: HandClock, *values: bytes) -> None:
        super().__init__(*values)
        self._clock = clock

    async def __call__(self) -> bytes:
        self._clock.advance(2)
        return await super().__call__()


async def _pass() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_unlucky_throw_near_the_end_refreshes_in_the_background(clock: HandClock) -> None:
    dice = Dice()
    cache = MemoryCache(clock=clock, chance=dice)
    load = SlowLoad(clock, b"old", b"new")
    await cache.load("a", load, ttl_s=TTL_S)
    clock.advance(TTL_S - 1)
    dice.next = 0.9

    served = await cache.load("a", load, ttl_s=TTL_S)
    await _pass()
    dice.next = 0.0

    assert served == b"old"
    assert await cache.load("a", load, ttl_s=TTL_S) == b"new"
    assert load.calls == 2


@pytest.mark.parametrize(("throw", "left_s"), [(0.0, 1.0), (0.9, 50.0)])
async def test_a_lucky_throw_or_a_far_end_refreshes_nothing(throw: float, left_s: float, clock: HandClock) -> None:
    dice = Dice()
    cache = MemoryCache(clock=clock, chance=dice)
    load = SlowLoad(clock, b"old", b"new")
    await cache.load("a", load, ttl_s=TTL_S)
    clock.advance(TTL_S - left_s)
    dice.next = throw

    await cache.load("a", load, ttl_s=TTL_S)
    await _pass()

    assert load.calls == 1


async def test_only_one_of_many_callers_refreshes(clock: HandClock) -> None:
    dice = Dice()
    cache = MemoryCache(clock=clock, chance=dice)
    load = SlowLoad(clock, b"old", b"new")
    await cache.load("a", load, ttl_s=TTL_S)
    clock.advance(TTL_S - 1)
    dice.next = 0.99
    load.gate.clear()

    served = await asyncio.gather(*(cache.load("a", load, ttl_s=TTL_S) for _ in range(50)))
    load.gate.set()
    await _pass()

    assert served == [b"old"] * 50
    assert load.calls == 2


async def test_a_failed_refresh_harms_nobody_until_the_value_expires(clock: HandClock) -> None:
    dice = Dice()
    cache = MemoryCache(clock=clock, chance=dice)
    await cache.load("a", SlowLoad(clock, b"old"), ttl_s=TTL_S)
    clock.advance(TTL_S - 1)
    dice.next = 0.9

    served = await cache.load("a", broken_load, ttl_s=TTL_S)
    await _pass()
    clock.advance(2)

    assert served == b"old"
    with pytest.raises(Broken):
        await cache.load("a", broken_load, ttl_s=TTL_S)


async def test_closing_ends_a_load_that_hangs(clock: HandClock) -> None:
    cache = MemoryCache(clock=clock)
    load = CountedLoad(b"never")
    load.gate.clear()
    waiting = asyncio.create_task(cache.load("a", load, ttl_s=TTL_S))
    await _pass()

    await cache.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
