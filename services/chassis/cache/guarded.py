"""Redis, asked only while it answers. What it could not be told is made good before it is believed again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.chassis.cache.breaker import Breaker
from services.chassis.cache.redis_shelf import RedisShelf
from services.chassis.cache.single_flight import Entry, Glance

OWED_MOST = 10_000
"""Keys to drop that are remembered through an outage."""
OWED_AT_ONCE = 500
AWAY = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError, ReadOnlyError, OSError)

Answer = TypeVar("Answer")


class GuardedShelf:
    """A `RedisShelf` that raises nothing when Redis is away."""

    def __init__(self, shelf: RedisShelf, *, breaker_pause_s: float) -> None:
        self._shelf = shelf
        self._breaker = Breaker(self._recover, pause_s=breaker_pause_s)
        self._owed: dict[str, None] = {}

    @property
    def is_away(self) -> bool:
        """Whether Redis is taken to be away right now."""
        return self._breaker.is_open

    async def look(self, key: str) -> Glance:
        """As `Shelf`: nothing while Redis is away, or holds what it should have dropped."""
        nothing = Glance(entry=None)
        if key in self._owed:
            return nothing
        return await self._ask(lambda: self._shelf.look(key), otherwise=nothing)

    async def replace(self, key: str, seen: Glance, entry: Entry) -> None:
        """As `Shelf`."""
        await self._ask(lambda: self._shelf.replace(key, seen, entry), otherwise=None)

    async def keep(self, key: str, entry: Entry) -> None:
        """Whatever is there."""
        if not await self._ask(lambda: self._shelf.keep(key, entry), otherwise=False):
            self._owe_drop((key,))

    async def drop(self, *keys: str) -> None:
        """Now, or before Redis is believed again."""
        if not await self._ask(lambda: self._shelf.drop(*keys), otherwise=False):
            self._owe_drop(keys)

    async def spend(self, key: str, *, cost_us: int, burst_us: int) -> int | None:
        """As `RedisShelf`; None while Redis is away."""
        return await self._ask(lambda: self._shelf.spend(key, cost_us=cost_us, burst_us=burst_us), otherwise=None)

    async def close(self) -> None:
        """Disconnect."""
        await self._breaker.close()
        await self._shelf.close()

    async def _ask(self, question: Callable[[], Awaitable[Answer]], *, otherwise: Answer) -> Answer:
        if self._breaker.is_open:
            return otherwise
        try:
            answer = await question()
        except AWAY:
            self._breaker.failed()
            return otherwise
        self._breaker.succeeded()
        return answer

    def _owe_drop(self, keys: tuple[str, ...]) -> None:
        """Redis may hold an old value of these keys: it is not asked anything before they are dropped."""
        self._owed.update(dict.fromkeys(keys))
        while len(self._owed) > OWED_MOST:
            del self._owed[next(iter(self._owed))]  # This one stays old until it expires: memory has an end.
        self._breaker.trip()

    async def _recover(self) -> bool:
        try:
            await self._shelf.ping()
            while owed := list(self._owed)[:OWED_AT_ONCE]:
                await self._shelf.drop(*owed)
                for key in owed:
                    self._owed.pop(key, None)
        except AWAY:
            return False
        return True
