"""Feeding what is due to a service's handler, and settling it in the file."""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from services.chassis.bus.embedded.queue import Delivery, Queue
from services.chassis.bus.handling import (
    KILLED_TOO_OFTEN,
    Crew,
    Done,
    Failed,
    Outcome,
    Poisoned,
    attempt,
    next_wait,
)
from services.chassis.bus.port import Handler
from services.chassis.clock import Clock

POLL_S = 1.0
"""Finds what nobody woke us for: retries that were due before a restart."""
_ROUNDING_S = 0.002
"""The file knows milliseconds; a timer must not fire before the row is due by them."""


class Station:
    """What all consumers of one service in this process share."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        """Something may be due, or somebody may be free."""
        self.taking = asyncio.Lock()
        self.under_way: set[int] = set()


class Consumer:
    """One call of `consume`."""

    def __init__(
        self,
        service: str,
        handle: Handler,
        queue: Queue,
        *,
        station: Station,
        retry_delays_s: Sequence[float],
        clock: Clock,
    ) -> None:
        self._service = service
        self._handle = handle
        self._queue = queue
        self._station = station
        self._retry_delays_s = retry_delays_s
        self._clock = clock
        self._ending = False
        self._log = logging.getLogger(__name__)
        self.ended = asyncio.Event()

    def end(self) -> None:
        """Take no more; `ended` is set when what is under way is settled."""
        self._ending = True
        self._station.wake.set()

    async def run(self, prefetch: int) -> None:
        """Until `end` is called."""
        crew = Crew(self._station.wake.set)
        try:
            while not self._ending:
                self._station.wake.clear()
                crew.check()
                for delivery in await self._take(prefetch - len(crew)):
                    crew.start(self._settle(delivery))
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._station.wake.wait()
        finally:
            await crew.drain()
            self.ended.set()

    async def _take(self, most: int) -> Sequence[Delivery]:
        if most == 0:
            return ()
        async with self._station.taking:
            busy = self._station.under_way
            try:
                taken = await self._queue.take(self._service, under_way=busy, now=self._clock(), most=most)
            except sqlite3.Error:
                self._log.exception("the queue file cannot be used; it is tried again")
                return ()
            busy.update(delivery.row_id for delivery in taken)
        return taken

    async def _settle(self, delivery: Delivery) -> None:
        try:
            if delivery.killed_too_often:
                outcome: Outcome = Poisoned(KILLED_TOO_OFTEN)
            else:
                outcome = await attempt(self._handle, delivery.message)
            await self._write(delivery, outcome)
        except sqlite3.Error:
            self._log.exception("the queue file cannot be written; the message is delivered again")
        finally:
            self._station.under_way.discard(delivery.row_id)

    async def _write(self, delivery: Delivery, outcome: Outcome) -> None:
        match outcome:
            case Done():
                await self._queue.finish(delivery.row_id)
            case Poisoned(reason):
                await self._bury(delivery, reason)
            case Failed(reason):
                wait_s = next_wait(self._retry_delays_s, delivery.tries + 1)
                if wait_s is None:
                    await self._bury(delivery, reason)
                else:
                    await self._put_off(delivery, reason, wait_s)

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        self._tell("a message is dead", delivery, reason)
        await self._queue.bury(delivery.row_id, now=self._clock(), reason=reason)

    async def _put_off(self, delivery: Delivery, reason: str, wait_s: float) -> None:
        self._tell("a message will be tried again", delivery, reason)
        until = self._clock() + timedelta(seconds=wait_s)
        await self._queue.put_off(delivery.row_id, until=until, reason=reason)
        asyncio.get_running_loop().call_later(wait_s + _ROUNDING_S, self._station.wake.set)

    def _tell(self, what: str, delivery: Delivery, reason: str) -> None:
        about = {"event_id": str(delivery.message.event_id), "kind": delivery.message.kind, "service": self._service}
        self._log.warning(what, extra={**about, "reason": reason})
