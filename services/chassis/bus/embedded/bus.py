"""The bus inside one process. What it promises survives `kill -9` at any instant; only `listen` is in memory."""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from services.chassis.bus.embedded.consuming import Consumer, Station
from services.chassis.bus.embedded.listening import Listener
from services.chassis.bus.embedded.queue import Queue
from services.chassis.bus.handling import DRAIN_S
from services.chassis.bus.port import RETRY_DELAYS_S, Binding, DeadMessage, Handler
from services.chassis.clock import Clock, utc_now
from services.contracts.message import Message


class EmbeddedBus:
    """All services of the process share one; the file at `path` is its own. Nothing is opened before it is used."""

    def __init__(
        self, path: str | Path, *, clock: Clock = utc_now, retry_delays_s: Sequence[float] = RETRY_DELAYS_S
    ) -> None:
        self._queue = Queue(path)
        self._clock = clock
        self._retry_delays_s = retry_delays_s
        self._services: dict[str, frozenset[str]] = {}
        self._stations: defaultdict[str, Station] = defaultdict(Station)
        self._consumers: set[Consumer] = set()
        self._listeners: set[Listener] = set()
        self._closed = False
        self._log = logging.getLogger(__name__)

    async def declare(self, bindings: Sequence[Binding]) -> None:
        """Bindings live as long as the process; messages that were taken outlive it."""
        for binding in bindings:
            self._services[binding.service] = self._services.get(binding.service, frozenset()) | binding.kinds

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        """All, or nothing when the file cannot be written."""
        rows = [(service, message) for message in messages for service in self._wanting(message)]
        heard = [(listener, message) for message in messages for listener in self._listeners if listener.wants(message)]
        try:
            await self._queue.add(rows, self._clock())
        except sqlite3.Error:
            self._log.exception("the queue file cannot be written; nothing was published")
            return frozenset()
        for service, _ in rows:
            self._stations[service].wake.set()
        for listener, message in heard:
            listener.hear(message)
        return frozenset(message.event_id for message in messages)

    async def consume(self, service: str, handle: Handler, *, prefetch: int = 32) -> None:
        """Ends when cancelled or closed; handlers under way are waited for, but not for long."""
        if self._closed:
            return
        consumer = Consumer(
            service,
            handle,
            self._queue,
            station=self._stations[service],
            retry_delays_s=self._retry_delays_s,
            clock=self._clock,
        )
        self._consumers.add(consumer)
        try:
            await consumer.run(prefetch)
        finally:
            self._consumers.discard(consumer)

    async def listen(self, kinds: frozenset[str], handle: Handler) -> None:
        """One message after the other."""
        if self._closed:
            return
        listener = Listener(kinds)
        self._listeners.add(listener)
        try:
            await listener.run(handle)
        finally:
            self._listeners.discard(listener)

    async def dead(self, service: str, *, limit: int = 100) -> Sequence[DeadMessage]:
        """The longest dead first."""
        return await self._queue.dead(service, limit)

    async def redrive(self, service: str, *, limit: int = 1000) -> int:
        """The longest dead first; each with all its tries before it."""
        moved = await self._queue.revive(service, limit, self._clock())
        self._stations[service].wake.set()
        return moved

    async def ready(self) -> bool:
        """Whether the file can be used."""
        try:
            await self._queue.ping()
        except (sqlite3.Error, OSError):
            return False
        return True

    async def close(self) -> None:
        """`consume` and `listen` return by themselves."""
        self._closed = True
        for listener in self._listeners:
            listener.hear(None)
        consumers = list(self._consumers)
        for consumer in consumers:
            consumer.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * DRAIN_S):
                for consumer in consumers:
                    await consumer.ended.wait()
        await self._queue.close()

    def _wanting(self, message: Message) -> list[str]:
        return [service for service, kinds in self._services.items() if message.kind in kinds]
