import pytest

from services.chassis.cache.memory import ENTRY_OVERHEAD_BYTES, MemoryCache
from services.chassis.cache.single_flight import JITTER
from tests.chassis.cache.loads import CountedLoad
from tests.chassis.clocks import HandClock


async def test_the_least_recently_used_entry_goes_first(clock: HandClock) -> None:
    cache = MemoryCache(clock=clock, entries_most=2)
    await cache.put("a", b"1", ttl_s=60)
    await cache.put("b", b"2", ttl_s=60)
    await cache.get("a")

    await cache.put("c", b"3", ttl_s=60)

    assert [await cache.get(key) for key in "abc"] == [b"1", None, b"3"]


async def test_bytes_are_bounded(clock: HandClock) -> None:
    cache = MemoryCache(clock=clock, bytes_most=3 * (1000 + ENTRY_OVERHEAD_BYTES + 1))

    for key in "abcd":
        await cache.put(key, bytes(1000), ttl_s=60)

    assert [await cache.get(key) is not None for key in "abcd"] == [False, True, True, True]


async def test_replacing_a_value_frees_what_the_old_one_took(clock: HandClock) -> None:
    cache = MemoryCache(clock=clock, bytes_most=2 * (1000 + ENTRY_OVERHEAD_BYTES + 1))
    await cache.put("a", bytes(1000), ttl_s=60)

    for _ in range(10):
        await cache.put("b", bytes(1000), ttl_s=60)

    assert await cache.get("a") is not None


async def test_a_value_larger_than_the_cache_pushes_nothing_out(clock: HandClock) -> None:
    cache = MemoryCache(clock=clock, bytes_most=2000)
    await cache.put("small", b"1", ttl_s=60)

    await cache.put("huge", bytes(5000), ttl_s=60)

    assert await cache.get("huge") is None
    assert await cache.get("small") == b"1"


@pytest.mark.parametrize(("chance", "life_s"), [(0.0, 100.0), (0.5, 95.0), (0.999999, 90.0001)])
async def test_life_is_shortened_by_up_to_a_tenth(chance: float, life_s: float, clock: HandClock) -> None:
    assert JITTER == 0.1
    cache = MemoryCache(clock=clock, chance=lambda: chance)
    await cache.put("a", b"1", ttl_s=100)

    clock.advance(life_s - 0.01)
    before = await cache.get("a")
    clock.advance(0.02)
    after = await cache.get("a")

    assert (before, after) == (b"1", None)


async def test_an_expired_value_is_loaded_again(clock: HandClock) -> None:
    cache = MemoryCache(clock=clock)
    load = CountedLoad(b"first", b"second")
    await cache.load("a", load, ttl_s=10)

    clock.advance(11)

    assert await cache.load("a", load, ttl_s=10) == b"second"
