from collections.abc import Sequence
from uuid import UUID

from services.chassis.bus.port import Binding, DeadMessage, Handler
from services.contracts.message import Message


class FakeBus:
    """Takes what it is offered unless it is away, remembers it, and delivers nothing."""

    def __init__(self) -> None:
        self.away = False
        self.messages: list[Message] = []

    @property
    def taken(self) -> list[UUID]:
        return [message.event_id for message in self.messages]

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        if self.away:
            return frozenset()
        self.messages += messages
        return frozenset(message.event_id for message in messages)

    async def declare(self, bindings: Sequence[Binding]) -> None: ...

    async def consume(self, service: str, handle: Handler, *, prefetch: int = 32) -> None: ...

    async def listen(self, kinds: frozenset[str], handle: Handler) -> None: ...

    async def dead(self, service: str, *, limit: int = 100) -> Sequence[DeadMessage]:  # noqa: ARG002 - the port's.
        return []

    async def redrive(self, service: str, *, limit: int = 1000) -> int:  # noqa: ARG002 - the port's.
        return 0

    async def ready(self) -> bool:
        return not self.away

    async def close(self) -> None: ...
