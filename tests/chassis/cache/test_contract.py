import asyncio

import pytest

from services.chassis.cache.port import Cache, Limit
from tests.chassis.cache.loads import Broken, CountedLoad, broken_load, settle


async def test_what_was_put_is_got(cache: Cache) -> None:
    await cache.put("item:1", b"\x00 any bytes \xff", ttl_s=60)

    got = await cache.get("item:1")

    assert got == b"\x00 any bytes \xff"


async def test_an_unknown_key_is_a_miss(cache: Cache) -> None:
    assert await cache.get("item:unknown") is None


async def test_an_empty_value_is_not_a_miss(cache: Cache) -> None:
    await cache.put("empty", b"", ttl_s=60)

    assert await cache.get("empty") == b""


async def test_dropped_keys_are_forgotten_and_others_kept(cache: Cache) -> None:
    for key in ("a", "b", "c"):
        await cache.put(key, key.encode(), ttl_s=60)

    await cache.drop("a", "b", "never-there")

    assert [await cache.get(key) for key in ("a", "b", "c")] == [None, None, b"c"]


async def test_a_dropped_key_can_be_put_again(cache: Cache) -> None:
    await cache.put("a", b"old", ttl_s=60)
    await cache.drop("a")

    await cache.put("a", b"new", ttl_s=60)

    assert await cache.get("a") == b"new"


async def test_a_value_is_gone_after_its_time(cache: Cache) -> None:
    await cache.put("brief", b"1", ttl_s=0.05)

    await asyncio.sleep(0.1)

    assert await cache.get("brief") is None


async def test_a_loaded_value_is_not_loaded_again(cache: Cache) -> None:
    load = CountedLoad(b"first", b"second")

    values = [await cache.load("item:1", load, ttl_s=60) for _ in range(3)]

    assert values == [b"first"] * 3
    assert load.calls == 1


async def test_a_thousand_misses_of_one_key_load_it_once(cache: Cache) -> None:
    load = CountedLoad(b"loaded", b"loaded again")
    load.gate.clear()
    waiting = [asyncio.create_task(cache.load("hot", load, ttl_s=60)) for _ in range(1000)]
    await settle()

    load.gate.set()
    values = await asyncio.gather(*waiting)

    assert values == [b"loaded"] * 1000
    assert load.calls == 1


async def test_different_keys_load_side_by_side(cache: Cache) -> None:
    slow, quick = CountedLoad(b"slow"), CountedLoad(b"quick")
    slow.gate.clear()
    waiting = asyncio.create_task(cache.load("slow", slow, ttl_s=60))

    got = await cache.load("quick", quick, ttl_s=60)

    assert got == b"quick"
    slow.gate.set()
    assert await waiting == b"slow"


async def test_what_a_load_raises_reaches_every_waiter_and_is_not_kept(cache: Cache) -> None:
    outcomes = await asyncio.gather(
        *(cache.load("broken", broken_load, ttl_s=60) for _ in range(5)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [Broken] * 5
    assert await cache.load("broken", CountedLoad(b"well again"), ttl_s=60) == b"well again"


async def test_cancelling_the_first_waiter_leaves_the_load_to_the_others(cache: Cache) -> None:
    load = CountedLoad(b"loaded", b"loaded again")
    load.gate.clear()
    first = asyncio.create_task(cache.load("hot", load, ttl_s=60))
    await load.begun.wait()
    second = asyncio.create_task(cache.load("hot", load, ttl_s=60))
    await settle()

    first.cancel()
    await settle()
    load.gate.set()

    assert await second == b"loaded"
    assert first.cancelled()
    assert load.calls == 1


async def test_a_load_that_a_drop_overtook_is_not_kept(cache: Cache) -> None:
    stale = CountedLoad(b"before the change")
    stale.gate.clear()
    waiting = asyncio.create_task(cache.load("item:1", stale, ttl_s=60))
    await stale.begun.wait()

    await cache.drop("item:1")
    stale.gate.set()
    await waiting
    await settle()

    assert await cache.load("item:1", CountedLoad(b"after the change"), ttl_s=60) == b"after the change"


async def test_who_comes_after_a_drop_does_not_wait_for_a_load_begun_before(cache: Cache) -> None:
    stale = CountedLoad(b"before the change")
    stale.gate.clear()
    waiting = asyncio.create_task(cache.load("item:1", stale, ttl_s=60))
    await stale.begun.wait()
    await cache.drop("item:1")

    got = await cache.load("item:1", CountedLoad(b"after the change"), ttl_s=60)

    assert got == b"after the change"
    stale.gate.set()
    assert await waiting == b"before the change"


async def test_a_put_while_loading_wins_over_the_load(cache: Cache) -> None:
    load = CountedLoad(b"loaded")
    load.gate.clear()
    waiting = asyncio.create_task(cache.load("item:1", load, ttl_s=60))
    await load.begun.wait()

    await cache.put("item:1", b"put", ttl_s=60)
    load.gate.set()
    await waiting
    await settle()

    assert await cache.get("item:1") == b"put"


async def test_a_limit_lets_its_burst_through_and_says_when_to_come_back(cache: Cache) -> None:
    limit = Limit(burst=3, per_s=30)

    tries = [await cache.spend("login:ann", limit) for _ in range(4)]

    assert [one.allowed for one in tries] == [True, True, True, False]
    assert [one.remaining for one in tries] == [2, 1, 0, 0]
    assert [one.retry_after_s for one in tries[:3]] == [0, 0, 0]
    assert tries[3].retry_after_s == pytest.approx(10, abs=2)


async def test_limits_of_different_keys_are_apart(cache: Cache) -> None:
    limit = Limit(burst=1, per_s=60)
    await cache.spend("login:ann", limit)

    other = await cache.spend("login:bob", limit)

    assert other.allowed


async def test_a_refused_try_costs_nothing(cache: Cache) -> None:
    limit = Limit(burst=2, per_s=0.2)
    await cache.spend("key", limit, cost=2)
    for _ in range(20):
        await cache.spend("key", limit, cost=2)

    await asyncio.sleep(0.25)

    assert (await cache.spend("key", limit, cost=2)).allowed


async def test_a_limit_and_a_value_may_share_a_key(cache: Cache) -> None:
    await cache.put("same", b"value", ttl_s=60)
    await cache.spend("same", Limit(burst=2, per_s=60))

    assert await cache.get("same") == b"value"


async def test_five_hundred_tries_at_once_get_no_more_than_the_burst(cache: Cache) -> None:
    limit = Limit(burst=100, per_s=3600)

    tries = await asyncio.gather(*(cache.spend("rush", limit) for _ in range(500)))

    assert sum(one.allowed for one in tries) == 100
