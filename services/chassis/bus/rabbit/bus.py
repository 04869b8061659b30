"""The bus on RabbitMQ. Publishing and consuming have connections of their own: a broker short of memory blocks
publishers, and consumers must go on then.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from uuid import UUID

from aiormq.abc import AbstractChannel, FieldTable

from services.chassis.bus.handling import DRAIN_S
from services.chassis.bus.port import RETRY_DELAYS_S, Binding, DeadMessage, Handler
from services.chassis.bus.rabbit import dead as dead_letters
from services.chassis.bus.rabbit.answers import Away, Backoff, answered
from services.chassis.bus.rabbit.consuming import FindQueue, Reception, Settle
from services.chassis.bus.rabbit.envelope import Letter, properties_of
from services.chassis.bus.rabbit.line import CLOSE_S, Line
from services.chassis.bus.rabbit.publishing import Outlet
from services.chassis.bus.rabbit.settling import Settlement, overhear
from services.chassis.bus.rabbit.topology import EVENTS, Topology, in_queue
from services.chassis.clock import Clock, utc_now
from services.chassis.errors import Unavailable
from services.contracts.message import Message

CONFIRMS_AT_ONCE = 100
LISTEN_PREFETCH = 32
_LISTEN_BACKLOG = 10_000


class BrokerAway(Unavailable):
    """RabbitMQ cannot be reached now."""

    code = "broker_away"
    title = "The message broker does not answer"


class RabbitBus:
    """`url` is `amqp://user:password@host/vhost`. Nothing connects before it is used."""

    def __init__(self, url: str, *, clock: Clock = utc_now, retry_delays_s: Sequence[float] = RETRY_DELAYS_S) -> None:
        self._url = url
        self._clock = clock
        self._retry_delays_s = retry_delays_s
        self._topology = Topology(retry_delays_s)
        self._line = Line(url, self._topology)
        self._events = Outlet(self._line)
        self._receptions: set[Reception] = set()
        self._closed = asyncio.Event()
        self._log = logging.getLogger(__name__)

    async def declare(self, bindings: Sequence[Binding]) -> None:
        """Raises `BrokerAway`; what was asked for is then made with the next connection all the same."""
        self._topology.add(bindings)
        with _away_is_unavailable():
            await self._line.connection()

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        """Empty, and at once, while the broker is known to be away."""
        if self._closed.is_set():
            return frozenset()
        letters = {message.event_id: self._letter(message) for message in messages}
        ids = list(letters)
        taken: set[UUID] = set()
        for start in range(0, len(ids), CONFIRMS_AT_ONCE):
            batch = ids[start : start + CONFIRMS_AT_ONCE]
            try:
                confirmed = await self._events.send([letters[event_id] for event_id in batch])
            except Away as away:
                self._log.info("the broker takes no events", extra={"reason": str(away)})
                break
            taken.update(event_id for event_id, safe in zip(batch, confirmed, strict=True) if safe)
        return frozenset(taken)

    def _letter(self, message: Message) -> Letter:
        return Letter(
            exchange=EVENTS,
            routing_key=message.kind,
            body=message.payload,
            properties=properties_of(message),
            wanted=self._topology.wants(message.kind),
        )

    async def consume(self, service: str, handle: Handler, *, prefetch: int = 32) -> None:
        """Ends when cancelled or closed; handlers under way are waited for, but not for long."""
        outlet = Outlet(self._line)
        settlement = Settlement(service, handle, outlet, retry_delays_s=self._retry_delays_s, clock=self._clock)

        async def find_queue(_channel: AbstractChannel) -> str:
            return in_queue(service)

        try:
            await self._receive(settlement.settle, find_queue, prefetch)
        finally:
            await outlet.close()

    async def listen(self, kinds: frozenset[str], handle: Handler) -> None:
        """Messages published while the connection is lost are not heard."""

        async def find_queue(channel: AbstractChannel) -> str:
            return await _own_queue(channel, kinds)

        await self._receive(partial(overhear, handle), find_queue, LISTEN_PREFETCH)

    async def dead(self, service: str, *, limit: int = 100) -> Sequence[DeadMessage]:
        """Raises `BrokerAway`."""
        with _away_is_unavailable():
            async with self._channel() as channel:
                return await dead_letters.look(channel, service, limit)

    async def redrive(self, service: str, *, limit: int = 1000) -> int:
        """Raises `BrokerAway`."""
        with _away_is_unavailable():
            async with self._channel() as channel:
                outlet = Outlet(self._line)
                try:
                    return await dead_letters.redrive(channel, outlet, service, limit)
                finally:
                    await outlet.close()

    async def ready(self) -> bool:
        """Whether there is, or can be had, a connection on which publishing is not blocked."""
        if self._closed.is_set():
            return False
        try:
            await self._events.open()
        except Away:
            return False
        return True

    async def close(self) -> None:
        """`consume` and `listen` return by themselves."""
        self._closed.set()
        receptions = list(self._receptions)
        for reception in receptions:
            reception.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * DRAIN_S):
                for reception in receptions:
                    await reception.ended.wait()
        await self._events.close()
        await self._line.drop()

    async def _receive(self, settle: Settle, find_queue: FindQueue, prefetch: int) -> None:
        line, backoff = Line(self._url, self._topology), Backoff()
        try:
            while not self._closed.is_set():
                try:
                    await self._receive_once(line, settle, find_queue, prefetch)
                    backoff.reset()
                except Away as away:
                    self._log.warning("consuming waits for the broker", extra={"reason": str(away)})
                    # It may be the queue that is gone: a new connection declares it again.
                    await line.drop()
                with suppress(TimeoutError):
                    async with asyncio.timeout(backoff.next_s()):
                        await self._closed.wait()
        finally:
            await line.drop()

    async def _receive_once(self, line: Line, settle: Settle, find_queue: FindQueue, prefetch: int) -> None:
        connection = await line.connection()
        reception = Reception(settle)
        self._receptions.add(reception)
        if self._closed.is_set():
            reception.end()
        try:
            await reception.run(connection, find_queue, prefetch)
        finally:
            self._receptions.discard(reception)

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[AbstractChannel]:
        connection = await self._line.connection()
        channel = await answered(connection.channel(publisher_confirms=False))
        try:
            yield channel
        finally:
            with suppress(Away):  # What it had taken goes back to its queue in either case.
                await answered(channel.close(), within_s=CLOSE_S)


@contextmanager
def _away_is_unavailable() -> Iterator[None]:
    try:
        yield
    except Away as away:
        raise BrokerAway(str(away)) from away


async def _own_queue(channel: AbstractChannel, kinds: frozenset[str]) -> str:
    arguments: FieldTable = {"x-queue-type": "classic", "x-max-length": _LISTEN_BACKLOG, "x-overflow": "drop-head"}
    declared = await answered(channel.queue_declare(exclusive=True, auto_delete=True, arguments=arguments))
    assert declared.queue is not None
    for kind in sorted(kinds):
        await answered(channel.queue_bind(declared.queue, EVENTS, kind))
    return declared.queue
