"""The cache that a service's processes share in Redis. While Redis is away it loads and limits by itself."""

import random

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.maint_notifications import MaintNotificationsConfig

from services.chassis.cache.gcra import LocalLimits, decide, interval_us
from services.chassis.cache.guarded import GuardedShelf
from services.chassis.cache.port import Allowance, Limit
from services.chassis.cache.redis_shelf import RedisShelf
from services.chassis.cache.single_flight import Chance, Load, Loading
from services.chassis.clock import Clock

TIMEOUT_S = 0.25
"""For a connection and for an answer: a cache that is slower than this costs more than it saves."""
CONNECTIONS_MOST = 32
BREAKER_PAUSE_S = 0.5


def connect_redis(url: str, *, timeout_s: float = TIMEOUT_S, connections_most: int = CONNECTIONS_MOST) -> Redis:
    """A client that gives up soon. Nothing connects yet."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections_most,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        # A pooled connection may have died with its server: one more try, on a new one. Never after a timeout.
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        protocol=3,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    return Redis.from_pool(pool)


class RedisCache:
    """`Cache` in Redis, under the service's own prefix. Closes the client with itself."""

    def __init__(
        self,
        client: Redis,
        *,
        service: str,
        clock: Clock,
        chance: Chance = random.random,
        breaker_pause_s: float = BREAKER_PAUSE_S,
    ) -> None:
        shelf = RedisShelf(client, prefix=f"souk:{service}:", clock=clock)
        self._shelf = GuardedShelf(shelf, breaker_pause_s=breaker_pause_s)
        self._loading = Loading(self._shelf, clock=clock, chance=chance)
        self._limits = LocalLimits(clock)

    @property
    def is_away(self) -> bool:
        """Whether Redis is taken to be away right now."""
        return self._shelf.is_away

    async def get(self, key: str) -> bytes | None:
        """As `Cache`."""
        seen = await self._shelf.look(key)
        return None if seen.entry is None else seen.entry.value

    async def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """As `Cache`. What cannot be put is dropped before Redis is believed again: it may hold an older value."""
        self._loading.part(key)
        await self._shelf.keep(key, self._loading.entry(value, ttl_s=ttl_s))

    async def drop(self, *keys: str) -> None:
        """As `Cache`. What cannot be dropped now is dropped before Redis is believed again."""
        for key in keys:
            self._loading.part(key)
        await self._shelf.drop(*keys)

    async def load(self, key: str, load: Load, *, ttl_s: float) -> bytes:
        """As `Cache`."""
        return await self._loading.load(key, load, ttl_s=ttl_s)

    async def spend(self, key: str, limit: Limit, *, cost: int = 1) -> Allowance:
        """As `Cache`. What this process knows to be exhausted is refused without asking Redis.

        It keeps count of its own spending, so that an outage does not fill the limits up again.
        """
        local = self._limits.spend(key, limit, cost)
        if not local.allowed:
            return local
        interval = interval_us(limit)
        debt_us = await self._shelf.spend(key, cost_us=cost * interval, burst_us=limit.burst * interval)
        if debt_us is None:
            return local
        allowance, debt_us = decide(limit, cost, debt_us)
        if allowance.allowed:
            self._limits.raise_to(key, debt_us=debt_us)
        else:
            self._limits.correct(key, debt_us=debt_us)
        return allowance

    async def close(self) -> None:
        """As `Cache`."""
        await self._loading.close()
        await self._shelf.close()
