from collections.abc import AsyncIterator

import pytest

from services.chassis.cache.memory import MemoryCache
from services.chassis.cache.port import Cache
from services.chassis.cache.redis import RedisCache, connect_redis
from services.chassis.clock import utc_now
from services.chassis.ids import uuid7
from tests.chassis.clocks import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.servers)])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    if request.param == "memory":
        opened: Cache = MemoryCache(clock=utc_now)
    else:
        client = connect_redis(request.getfixturevalue("redis_url"))
        opened = RedisCache(client, service=f"test-{uuid7()}", clock=utc_now)
    yield opened
    await opened.close()
