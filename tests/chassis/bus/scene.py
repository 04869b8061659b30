"""What the tests of the bus are told with: messages, handlers that remember, consumers that end with the test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from services.chassis.bus.port import Binding, Bus, DeadMessage, Handler
from services.chassis.ids import uuid7
from services.contracts.message import Message

RETRY_DELAYS_S = (0.05, 0.1, 0.2)
PATIENCE_S = 20.0


def make_message(kind: str, *, payload: bytes = b"{}") -> Message:
    return Message(
        event_id=uuid7(),
        kind=kind,
        schema_version=1,
        aggregate_id="order-1",
        aggregate_version=7,
        occurred_at=datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC),
        payload=payload,
        headers={"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "request_id": "r-1"},
    )


class Post:
    """A bus with services and kinds of one test's own, since a broker is shared by many tests."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.services: set[str] = set()
        self._suffix = uuid7().hex[-12:]

    def kind(self, name: str = "order.placed") -> str:
        return f"test-{self._suffix}.{name}"

    async def bind(self, name: str, *kinds: str) -> str:
        """The full name of a service that wants these kinds, or `order.placed`."""
        service = f"test-{self._suffix}-{name}"
        self.services.add(service)
        wanted = frozenset(kinds or {self.kind()})
        await self.bus.declare([Binding(service=service, kinds=wanted)])
        return service

    async def publish(self, kind: str | None = None, *, payload: bytes = b"{}") -> Message:
        """One message, which the bus must take."""
        message = make_message(kind or self.kind(), payload=payload)
        taken = await self.bus.publish([message])
        assert taken == {message.event_id}
        return message


class Recorder:
    """A handler that remembers, and may do something first."""

    def __init__(self, act: Callable[[Message], Awaitable[None]] | None = None) -> None:
        self.messages: list[Message] = []
        self._act = act
        self._grew = asyncio.Condition()

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)
        async with self._grew:
            self._grew.notify_all()
        if self._act is not None:
            await self._act(message)

    @property
    def ids(self) -> list[UUID]:
        return [message.event_id for message in self.messages]

    async def reach(self, count: int, *, within_s: float = PATIENCE_S) -> None:
        async with asyncio.timeout(within_s), self._grew:
            await self._grew.wait_for(lambda: len(self.messages) >= count)


def raising(failure: BaseException) -> Recorder:
    """A handler that fails every time."""

    async def fail(_: Message) -> None:
        raise failure

    return Recorder(fail)


@asynccontextmanager
async def consuming(bus: Bus, service: str, handle: Handler, *, prefetch: int = 32) -> AsyncIterator[None]:
    async with _running(asyncio.create_task(bus.consume(service, handle, prefetch=prefetch))):
        yield


@asynccontextmanager
async def listening(post: Post, handle: Recorder) -> AsyncIterator[None]:
    """Entered when the listener has heard something."""
    async with _running(asyncio.create_task(post.bus.listen(frozenset({post.kind("listened")}), handle))):
        while not handle.messages:
            await post.bus.publish([make_message(post.kind("listened"))])
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        handle.messages.clear()
        yield


@asynccontextmanager
async def _running(task: asyncio.Task[None]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def until_dead(bus: Bus, service: str, count: int = 1) -> Sequence[DeadMessage]:
    async with asyncio.timeout(PATIENCE_S):
        found = await bus.dead(service)
        while len(found) < count:
            await asyncio.sleep(0.05)
            found = await bus.dead(service)
    return found
