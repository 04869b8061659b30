"""A cache that is opened by its first use: most processes of a service need none, and its client takes 8 MiB."""

from collections.abc import Callable
from functools import cached_property

from services.chassis.cache.port import Allowance, Cache, Limit
from services.chassis.cache.single_flight import Load


class CacheOnDemand:
    """`Cache`, by the one that `connect` opens."""

    def __init__(self, connect: Callable[[], Cache]) -> None:
        self._connect = connect
        self._used = False

    @cached_property
    def _cache(self) -> Cache:
        self._used = True
        return self._connect()

    async def get(self, key: str) -> bytes | None:
        """As `Cache`."""
        return await self._cache.get(key)

    async def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """As `Cache`."""
        await self._cache.put(key, value, ttl_s=ttl_s)

    async def drop(self, *keys: str) -> None:
        """As `Cache`."""
        await self._cache.drop(*keys)

    async def load(self, key: str, load: Load, *, ttl_s: float) -> bytes:
        """As `Cache`."""
        return await self._cache.load(key, load, ttl_s=ttl_s)

    async def spend(self, key: str, limit: Limit, *, cost: int = 1) -> Allowance:
        """As `Cache`."""
        return await self._cache.spend(key, limit, cost=cost)

    async def close(self) -> None:
        """As `Cache`."""
        if self._used:
            await self._cache.close()
