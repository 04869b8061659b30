"""One load of a value at a time, and fresh values before the old ones expire. Where values are kept is not known here.

Expiry is jittered so that neighbours do not expire together. Early refresh is XFetch (Vattani and others,
"Optimal Probabilistic Cache Stampede Prevention"): the longer a load takes and the nearer the end, the likelier.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Protocol

from msgspec import Struct

from services.chassis.clock import Clock

JITTER = 0.1
EAGERNESS = 1.0
"""XFetch's beta; above 1 refreshes earlier."""

Chance = Callable[[], float]
"""A random number from 0 up to, not including, 1."""
Load = Callable[[], Awaitable[bytes]]


class Entry(Struct, frozen=True, kw_only=True):
    """A kept value."""

    value: bytes
    expires_at: float
    """Unix seconds."""
    load_s: float = 0.0
    """What it took to load; 0 for a value that was put."""


class Glance(Struct, frozen=True, kw_only=True):
    """What a shelf held for a key at one moment."""

    entry: Entry | None
    stamp: bytes = b""
    """Tells this state of the key from any other."""


class Shelf(Protocol):
    """Where entries are kept."""

    async def look(self, key: str) -> Glance:
        """What is there now."""

    async def replace(self, key: str, seen: Glance, entry: Entry) -> None:
        """Keep `entry`, unless somebody has changed the key since it was `seen`."""


class Flights:
    """At most one task a key; whoever comes meanwhile gets its result."""

    def __init__(self) -> None:
        self._current: dict[str, asyncio.Task[bytes]] = {}
        self._running: set[asyncio.Task[bytes]] = set()

    async def join(self, key: str, work: Callable[[], Coroutine[None, None, bytes]]) -> bytes:
        """The result of the task for `key`, started if there is none. Cancelling a waiter leaves the task to others."""
        self.start(key, work)
        return await asyncio.shield(self._current[key])

    def start(self, key: str, work: Callable[[], Coroutine[None, None, bytes]]) -> None:
        """As `join`, without waiting."""
        if key in self._current:
            return
        task = self._current[key] = asyncio.create_task(work())
        self._running.add(task)
        task.add_done_callback(partial(self._land, key))

    def leads(self, key: str) -> bool:
        """Whether the running task is the one that new comers for `key` join."""
        return self._current.get(key) is asyncio.current_task()

    def part(self, key: str) -> None:
        """Let new comers start afresh; the task goes on for those who already wait."""
        self._current.pop(key, None)

    async def close(self) -> None:
        """Cancel every task."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _land(self, key: str, task: asyncio.Task[bytes]) -> None:
        self._running.discard(task)
        if self._current.get(key) is task:
            del self._current[key]
        if not task.cancelled():
            # Marks a failure as seen. Waiters get it themselves; an early refresh that fails has no waiter, the old
            # value serves until it expires, and then the failure reaches whoever asks.
            task.exception()


class Loading:
    """Serves loads from a shelf."""

    def __init__(self, shelf: Shelf, *, clock: Clock, chance: Chance) -> None:
        self._shelf = shelf
        self._clock = clock
        self._chance = chance
        self._looks = Flights()
        self._loads = Flights()

    async def load(self, key: str, load: Load, *, ttl_s: float) -> bytes:
        """The kept value or a loaded one, as `Cache.load` promises."""
        return await self._looks.join(key, lambda: self._serve(key, load, ttl_s))

    def entry(self, value: bytes, *, ttl_s: float, load_s: float = 0.0) -> Entry:
        """Expires within the last tenth of `ttl_s`."""
        life_s = ttl_s * (1 - JITTER * self._chance())
        return Entry(value=value, expires_at=self._clock().timestamp() + life_s, load_s=load_s)

    def is_due(self, entry: Entry) -> bool:
        """Whether to refresh already now: a throw of the dice."""
        ahead_s = -entry.load_s * EAGERNESS * math.log(1 - self._chance())
        return self._clock().timestamp() + ahead_s >= entry.expires_at

    def part(self, key: str) -> None:
        """The value has changed: what is being loaded right now may be the old one, so it is not kept."""
        self._looks.part(key)
        self._loads.part(key)

    async def close(self) -> None:
        """Cancel all loads."""
        await self._looks.close()
        await self._loads.close()

    async def _serve(self, key: str, load: Load, ttl_s: float) -> bytes:
        seen = await self._shelf.look(key)
        refill = partial(self._fill, key, seen, load, ttl_s)
        if seen.entry is None:
            return await self._loads.join(key, refill)
        if self.is_due(seen.entry):
            self._loads.start(key, refill)
        return seen.entry.value

    async def _fill(self, key: str, seen: Glance, load: Load, ttl_s: float) -> bytes:
        started = self._clock().timestamp()
        value = await load()
        if self._loads.leads(key):
            load_s = max(0.0, self._clock().timestamp() - started)
            await self._shelf.replace(key, seen, self.entry(value, ttl_s=ttl_s, load_s=load_s))
        return value
