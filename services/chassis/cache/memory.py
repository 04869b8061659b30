"""The cache of a single process: what was used last stays, within a bound of bytes and of entries."""

import random
from collections import OrderedDict

from services.chassis.cache.gcra import LocalLimits
from services.chassis.cache.port import Allowance, Limit
from services.chassis.cache.single_flight import Chance, Entry, Glance, Load, Loading
from services.chassis.clock import Clock

BYTES_MOST = 16 * 1024 * 1024
ENTRIES_MOST = 20_000
ENTRY_OVERHEAD_BYTES = 256
"""What an entry costs beside its key and value."""


class MemoryShelf:
    """Entries by key, the least recently used first to go."""

    def __init__(self, clock: Clock, *, bytes_most: int, entries_most: int) -> None:
        self._clock = clock
        self._bytes_most = bytes_most
        self._entries_most = entries_most
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._bytes = 0

    def peek(self, key: str) -> Entry | None:
        """The live entry; a dead one is removed."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_at <= self._clock().timestamp():
            self.remove(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def keep(self, key: str, entry: Entry) -> None:
        """Make room and keep; one entry larger than all the room is not kept."""
        self.remove(key)
        size = _size(key, entry)
        if size > self._bytes_most:
            return
        self._entries[key] = entry
        self._bytes += size
        while self._bytes > self._bytes_most or len(self._entries) > self._entries_most:
            self.remove(next(iter(self._entries)))

    def remove(self, key: str) -> None:
        """Forget the key if it is there."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(key, entry)

    async def look(self, key: str) -> Glance:
        """As `Shelf`."""
        return Glance(entry=self.peek(key))

    async def replace(self, key: str, seen: Glance, entry: Entry) -> None:
        """As `Shelf`. Nothing but this process changes a key, and `Loading.part` has told of that."""
        del seen
        self.keep(key, entry)


def _size(key: str, entry: Entry) -> int:
    return len(key) + len(entry.value) + ENTRY_OVERHEAD_BYTES


class MemoryCache:
    """`Cache` in this process."""

    def __init__(
        self,
        *,
        clock: Clock,
        chance: Chance = random.random,
        bytes_most: int = BYTES_MOST,
        entries_most: int = ENTRIES_MOST,
    ) -> None:
        self._shelf = MemoryShelf(clock, bytes_most=bytes_most, entries_most=entries_most)
        self._loading = Loading(self._shelf, clock=clock, chance=chance)
        self._limits = LocalLimits(clock)

    async def get(self, key: str) -> bytes | None:
        """As `Cache`."""
        entry = self._shelf.peek(key)
        return None if entry is None else entry.value

    async def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """As `Cache`."""
        self._loading.part(key)
        self._shelf.keep(key, self._loading.entry(value, ttl_s=ttl_s))

    async def drop(self, *keys: str) -> None:
        """As `Cache`."""
        for key in keys:
            self._loading.part(key)
            self._shelf.remove(key)

    async def load(self, key: str, load: Load, *, ttl_s: float) -> bytes:
        """As `Cache`."""
        entry = self._shelf.peek(key)
        if entry is not None and not self._loading.is_due(entry):
            return entry.value  # The usual case, without a task.
        return await self._loading.load(key, load, ttl_s=ttl_s)

    async def spend(self, key: str, limit: Limit, *, cost: int = 1) -> Allowance:
        """As `Cache`."""
        return self._limits.spend(key, limit, cost)

    async def close(self) -> None:
        """As `Cache`."""
        await self._loading.close()
