"""How values and limits lie in Redis. A value follows its stamp (expiry and load time); a dropped key leaves a stamp.

The stamp is what lets a finished load see that its key was dropped or put meanwhile, by whatever process.
"""

import math
import struct

from redis.asyncio import Redis

from services.chassis.cache.scripts import MARK_DROPPED, REPLACE, SPEND, Script
from services.chassis.cache.single_flight import Entry, Glance
from services.chassis.clock import Clock

STAMP = struct.Struct(">dd")
DROPPED = -1.0
"""In place of a load time: the key was dropped."""
DROPPED_FOR_S = 60
"""Longer than any load that may still be under way."""


class RedisShelf:
    """Raises what the client raises."""

    def __init__(self, client: Redis, *, prefix: str, clock: Clock) -> None:
        self._client = client
        self._value = f"{prefix}value:"
        self._limit = f"{prefix}limit:"
        self._clock = clock

    async def look(self, key: str) -> Glance:
        """As `Shelf`."""
        raw = await self._client.get(self._value + key)
        return Glance(entry=None) if raw is None else _read(raw)

    async def replace(self, key: str, seen: Glance, entry: Entry) -> None:
        """As `Shelf`."""
        await REPLACE.run(self._client, [self._value + key], seen.stamp, _write(entry), self._life_ms(entry))

    async def keep(self, key: str, entry: Entry) -> bool:
        """Keep it whatever is there. True when done."""
        await self._client.set(self._value + key, _write(entry), px=self._life_ms(entry))
        return True

    async def drop(self, *keys: str) -> bool:
        """Forget the keys. True when done."""
        mark = STAMP.pack(self._clock().timestamp(), DROPPED)
        await MARK_DROPPED.run(self._client, [self._value + key for key in keys], mark, DROPPED_FOR_S)
        return True

    async def spend(self, key: str, *, cost_us: int, burst_us: int) -> int:
        """Take from the limit if it allows; the debt before this try."""
        return Script.integer(await SPEND.run(self._client, [self._limit + key], cost_us, burst_us))

    async def ping(self) -> None:
        """Raises when Redis does not answer."""
        await self._client.ping()

    async def close(self) -> None:
        """Disconnect."""
        await self._client.aclose()

    def _life_ms(self, entry: Entry) -> int:
        return max(1, math.ceil((entry.expires_at - self._clock().timestamp()) * 1000))


def _write(entry: Entry) -> bytes:
    return STAMP.pack(entry.expires_at, entry.load_s) + entry.value


def _read(raw: bytes | str) -> Glance:
    # The client types answers for both of its modes; ours does not decode.
    packed = raw.encode() if isinstance(raw, str) else raw
    expires_at, load_s = STAMP.unpack_from(packed)
    stamp, value = packed[: STAMP.size], packed[STAMP.size :]
    if load_s == DROPPED:
        return Glance(entry=None, stamp=stamp)
    return Glance(entry=Entry(value=value, expires_at=expires_at, load_s=load_s), stamp=stamp)
