"""What a bus promises, whichever carries it.

At least once, in no order. A message that `publish` returned as taken reaches every service bound to its kind, or
that service's dead queue, even if every process dies meanwhile.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from services.contracts.message import Message

Handler = Callable[[Message], Awaitable[None]]
"""Returns when the effect is committed. Raises `Poison` for what can never succeed; anything else is tried again."""

RETRY_DELAYS_S = (1, 10, 60, 600)
"""The wait before each further try; after the last one the message is dead."""


class Poison(Exception):
    """The message can never be handled: it goes to the dead queue at once."""


class Binding(Struct, frozen=True, kw_only=True):
    """A service's queue, named `<service>.in`, and the routing keys it wants."""

    service: str
    kinds: frozenset[str]


class DeadMessage(Struct, frozen=True, kw_only=True):
    """A message that was given up, and why."""

    message: Message
    reason: str
    died_at: datetime


class Bus(Protocol):
    """Carries messages between services."""

    async def declare(self, bindings: Sequence[Binding]) -> None:
        """Make every queue there is before anything is published, so that no event is unroutable. Idempotent."""

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        """The ids the bus has taken responsibility for; the caller publishes the others again later.

        A kind in nobody's binding goes to those who listen at the moment, and counts as taken: so `declare` comes
        first, with the bindings of all services.
        """

    async def consume(self, service: str, handle: Handler, *, prefetch: int = 32) -> None:
        """Feed `<service>.in` to `handle` until cancelled, reconnecting by itself; at most `prefetch` at once."""

    async def listen(self, kinds: frozenset[str], handle: Handler) -> None:
        """Every process that listens gets every message published from now on; nothing is kept. Until cancelled."""

    async def dead(self, service: str, *, limit: int = 100) -> Sequence[DeadMessage]:
        """Look at the dead queue without taking from it."""

    async def redrive(self, service: str, *, limit: int = 1000) -> int:
        """Move dead messages back to `<service>.in`; how many were moved."""

    async def ready(self) -> bool:
        """Whether messages can be published now."""

    async def close(self) -> None:
        """Stop consuming, wait for confirms under way, disconnect."""
