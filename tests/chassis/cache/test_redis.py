import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from services.chassis.cache.port import Limit
from services.chassis.cache.redis import RedisCache, connect_redis
from services.chassis.clock import utc_now
from services.chassis.ids import uuid7
from tests.chassis.cache.loads import CountedLoad, settle, until
from tests.chassis.link import Link, linked
from tests.servers.program import Server

pytestmark = pytest.mark.servers


@pytest.fixture
def service() -> str:
    return f"test-{uuid7()}"


@pytest.fixture
async def link(redis_url: str) -> AsyncIterator[Link]:
    async with linked(redis_url) as link:
        yield link


@pytest.fixture
async def direct(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url, protocol=3)
    yield client
    await client.aclose()


@pytest.fixture
async def cache(link: Link, service: str) -> AsyncIterator[RedisCache]:
    client = connect_redis(f"redis://127.0.0.1:{link.port}/0", timeout_s=0.4)
    cache = RedisCache(client, service=service, clock=utc_now, breaker_pause_s=0.05)
    yield cache
    await cache.close()


@pytest.fixture
async def neighbour(redis_url: str, service: str) -> AsyncIterator[RedisCache]:
    """Another process of the same service, with a line of its own."""
    cache = RedisCache(connect_redis(redis_url), service=service, clock=utc_now)
    yield cache
    await cache.close()


async def _back(cache: RedisCache) -> None:
    await until(lambda: not cache.is_away)


async def test_processes_of_a_service_share_values_and_limits(cache: RedisCache, neighbour: RedisCache) -> None:
    limit = Limit(burst=2, per_s=60)
    await cache.put("a", b"1", ttl_s=60)
    await cache.spend("key", limit)
    await neighbour.spend("key", limit)

    seen, refused = await neighbour.get("a"), await cache.spend("key", limit)

    assert seen == b"1"
    assert not refused.allowed


async def test_a_drop_reaches_a_load_under_way_in_another_process(cache: RedisCache, neighbour: RedisCache) -> None:
    stale = CountedLoad(b"before the change")
    stale.gate.clear()
    waiting = asyncio.create_task(neighbour.load("item:1", stale, ttl_s=60))
    await stale.begun.wait()

    await cache.drop("item:1")
    stale.gate.set()
    await waiting

    assert await cache.get("item:1") is None


async def test_keys_carry_the_service_and_a_life(cache: RedisCache, direct: Redis, service: str) -> None:
    await cache.put("a", b"1", ttl_s=100)
    await cache.spend("a", Limit(burst=10, per_s=50))

    lives_ms = [await direct.pttl(f"souk:{service}:{part}:a") for part in ("value", "limit")]

    assert 80_000 < lives_ms[0] <= 100_000
    assert 1_000 < lives_ms[1] <= 5_001


async def test_a_restarted_redis_is_told_the_scripts_again(cache: RedisCache, direct: Redis) -> None:
    limit = Limit(burst=5, per_s=60)
    await cache.spend("key", limit)

    await direct.script_flush()

    assert (await cache.spend("key", limit)).remaining == 3


async def test_without_redis_reads_miss_and_loads_go_on(cache: RedisCache, link: Link) -> None:
    load = CountedLoad(b"first", b"second")
    await cache.put("a", b"1", ttl_s=60)
    await link.cut()

    got = await cache.get("a")
    loaded = [await cache.load("b", load, ttl_s=60) for _ in range(2)]

    assert got is None
    assert loaded == [b"first", b"second"]


async def test_without_redis_a_thousand_misses_still_load_once(cache: RedisCache, link: Link) -> None:
    await link.cut()
    load = CountedLoad(b"loaded", b"again")
    load.gate.clear()
    waiting = [asyncio.create_task(cache.load("hot", load, ttl_s=60)) for _ in range(1000)]
    await settle()

    load.gate.set()
    await asyncio.gather(*waiting)

    assert load.calls == 1


async def test_a_silent_redis_costs_a_few_timeouts_not_one_a_request(cache: RedisCache, link: Link) -> None:
    await cache.get("a")
    link.silent = True

    began = time.perf_counter()
    for _ in range(500):
        await cache.get("a")
    took_s = time.perf_counter() - began

    assert took_s < 3
    assert cache.is_away


async def test_limits_hold_through_an_outage(cache: RedisCache, link: Link) -> None:
    limit = Limit(burst=5, per_s=3600)
    before = [await cache.spend("login:ann", limit) for _ in range(3)]
    await link.cut()

    during = [await cache.spend("login:ann", limit) for _ in range(20)]
    await link.restore()
    await _back(cache)
    after = [await cache.spend("login:ann", limit) for _ in range(20)]

    assert [sum(one.allowed for one in tries) for tries in (before, during, after)] == [3, 2, 0]


async def test_what_other_processes_spent_still_counts_in_an_outage(
    cache: RedisCache, link: Link, neighbour: RedisCache
) -> None:
    limit = Limit(burst=5, per_s=3600)
    await neighbour.spend("login:ann", limit, cost=4)
    await cache.spend("login:ann", limit)

    await link.cut()

    assert not (await cache.spend("login:ann", limit)).allowed


async def test_tries_that_redis_refused_cost_nothing_here(cache: RedisCache, neighbour: RedisCache) -> None:
    limit = Limit(burst=2, per_s=3)
    await neighbour.spend("key", limit, cost=2)
    await asyncio.sleep(0.3)
    refused = [await cache.spend("key", limit) for _ in range(2)]

    await asyncio.sleep(refused[-1].retry_after_s + 0.02)

    assert [one.allowed for one in refused] == [False, False]
    assert (await cache.spend("key", limit)).allowed


async def test_limits_hold_when_redis_comes_back_empty(cache: RedisCache, direct: Redis, service: str) -> None:
    limit = Limit(burst=5, per_s=3600)
    for _ in range(5):
        await cache.spend("login:ann", limit)

    await direct.delete(f"souk:{service}:limit:login:ann")

    assert not (await cache.spend("login:ann", limit)).allowed


async def test_redis_is_used_again_once_it_is_back(cache: RedisCache, link: Link, neighbour: RedisCache) -> None:
    await link.cut()
    for _ in range(5):
        await cache.get("a")

    await link.restore()
    await _back(cache)
    await cache.put("a", b"1", ttl_s=60)

    assert await neighbour.get("a") == b"1"


async def test_what_was_dropped_in_an_outage_is_never_served_again(
    cache: RedisCache, link: Link, neighbour: RedisCache
) -> None:
    await cache.put("item:1", b"old price", ttl_s=60)
    await link.cut()
    await cache.drop("item:1")

    await link.restore()
    await _back(cache)

    assert await cache.get("item:1") is None
    assert await neighbour.get("item:1") is None


async def test_an_older_value_does_not_outlive_a_put_that_was_lost(cache: RedisCache, link: Link) -> None:
    await cache.put("item:1", b"old price", ttl_s=60)
    await link.cut()
    await cache.put("item:1", b"new price", ttl_s=60)

    await link.restore()
    await _back(cache)

    assert await cache.get("item:1") is None


async def test_a_killed_redis_is_lived_without_and_found_again(own_redis: Server) -> None:
    cache = RedisCache(connect_redis(own_redis.url), service="shop", clock=utc_now, breaker_pause_s=0.05)
    await cache.put("a", b"1", ttl_s=60)

    own_redis.kill()
    without = await cache.load("a", CountedLoad(b"loaded"), ttl_s=60)
    own_redis.start()
    await _back(cache)
    await cache.put("a", b"2", ttl_s=60)

    assert without == b"loaded"
    assert await cache.get("a") == b"2"
    await cache.close()


async def test_connections_stay_within_the_pool(link: Link, service: str) -> None:
    # A connection that times out is replaced before the link has seen it end: on a slow machine both would count.
    patient = connect_redis(f"redis://127.0.0.1:{link.port}/0", timeout_s=30)
    cache = RedisCache(patient, service=service, clock=utc_now)

    await asyncio.gather(*(cache.get(f"key:{number}") for number in range(500)))
    await cache.close()

    assert 1 < link.open_most <= 32
