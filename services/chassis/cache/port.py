"""What a cache promises. That its server is away raises nothing: reads miss, writes are dropped, limits are local."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct


class Allowance(Struct, frozen=True, kw_only=True):
    """The state of one rate limit after a try."""

    allowed: bool
    remaining: int
    retry_after_s: float
    """0 when allowed."""


class Limit(Struct, frozen=True, kw_only=True):
    """`burst` at once, refilled evenly so that `burst` come back in `per_s` seconds (GCRA)."""

    burst: int
    per_s: float


class Cache(Protocol):
    """Values and limits shared by the processes of one service."""

    async def get(self, key: str) -> bytes | None:
        """None when it is not there, has expired, or the server is away."""

    async def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep for `ttl_s`, shortened by up to 10% at random so that neighbours do not expire together."""

    async def drop(self, *keys: str) -> None:
        """Forget these keys in every process."""

    async def load(self, key: str, load: Callable[[], Awaitable[bytes]], *, ttl_s: float) -> bytes:
        """The cached value, else what `load` returns.

        At most one `load` of a key runs in a process at a time (the others wait for it); one caller refreshes early,
        in the background, with a chance that grows as the expiry comes near. What `load` raises reaches every waiter.
        """

    async def spend(self, key: str, limit: Limit, *, cost: int = 1) -> Allowance:
        """Take `cost` from the limit of `key`; a negative one gives back what was taken.

        With the server away, from a limit of this process alone.
        """

    async def close(self) -> None:
        """Disconnect."""
