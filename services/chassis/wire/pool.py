"""Keep-alive connections to one origin, shared by all calls of a process.

Bounded both ways: at most `connections` open, at most `waiting` calls without one. What comes on top fails at once,
so that a slow upstream cannot fill the memory of those who ask it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from services.chassis.wire.carrier import Answer, Flight, Patience
from services.chassis.wire.connection import Connection
from services.chassis.wire.flights import IDEMPOTENT, PooledFlight, render
from services.chassis.wire.origin import Addresses, LookUp, Origin, ask_resolver
from services.chassis.wire.port import Call, UpstreamError

TICK_S = 0.1
"""Timeouts are looked at this often: one timer per pool is much cheaper than one per call."""


class PoolLimits(Struct, frozen=True, kw_only=True):
    """The bounds of one pool."""

    connections: int = 128
    waiting: int = 512
    connect_s: float = 2.0
    idle_s: float = 4.0
    """Shorter than any upstream keeps an idle connection, so that few calls meet one that is just closing."""


class Pool:
    """Carries calls over TCP."""

    def __init__(
        self,
        origin: Origin,
        limits: PoolLimits | None = None,
        *,
        look_up: LookUp = ask_resolver,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._authority = origin.authority
        self._addresses = Addresses(origin, look_up=look_up, now=now)
        self._limits = limits or PoolLimits()
        self._now = now
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._waiting: deque[PooledFlight] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self._resolving: asyncio.Task[None] | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._moment = now()
        """The time, as of the last tick."""
        self._closing = False
        self._drained = asyncio.Event()

    def send(self, call: Call, answer: Answer, patience: Patience) -> Flight:
        """See `Carrier`."""
        now = self._now()
        flight = PooledFlight(
            render(call, self._authority),
            answer,
            call.method == "HEAD",
            call.method in IDEMPOTENT,
            patience,
            now + patience.head_s,
            now + patience.total_s,
        )
        if self._closing:
            self._fail_soon(flight, "the pool is closing")
        else:
            self._dispatch(flight)
        return flight

    async def dial(self, end: asyncio.Protocol) -> None:
        """See `Carrier`. The connection is not the pool's any more: whoever asked for it closes it."""
        async with asyncio.timeout(self._limits.connect_s):
            address = await self._addresses.next()
            await asyncio.get_running_loop().create_connection(lambda: end, *address)

    async def close(self) -> None:
        """See `Carrier`."""
        self._closing = True
        for connection in list(self._open):
            connection.close()
        if self._connecting:
            await asyncio.wait(self._connecting)
        if self._open:
            await self._drained.wait()
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None

    def released(self, connection: Connection) -> None:
        """See `Home`."""
        flight = self._next_waiting() if self._waiting else None
        if self._closing:
            connection.close()
            if flight is not None:
                self._dispatch(flight)
        elif flight is not None:
            connection.carry(flight)
        else:
            connection.idle_since = self._moment
            self._idle.append(connection)

    def lost(self, connection: Connection, flight: PooledFlight | None, *, reason: str) -> None:
        """See `Home`."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if flight is not None and connection.calls > 1 and flight.may_go_again() and not self._closing:
            self._dispatch(flight)  # The connection had gone stale.
        elif flight is not None:
            flight.fail(UpstreamError(reason, sent=True))
        waiting = self._next_waiting()
        if waiting is not None:
            self._dispatch(waiting)
        if self._closing and not self._open:
            self._drained.set()

    def _dispatch(self, flight: PooledFlight) -> None:
        # A second try goes over a fresh connection: the idle ones may be as stale as the first.
        while self._idle and flight.tries == 0:
            connection = self._idle.pop()
            if connection.usable():
                connection.carry(flight)
                return
        if len(self._open) + len(self._connecting) < self._limits.connections:
            self._connect()
        elif len(self._waiting) >= self._limits.waiting + len(self._connecting):
            self._fail_soon(flight, "too many calls wait for this upstream")
            return
        self._waiting.append(flight)
        self._start_ticking()

    def _connect(self) -> None:
        task = asyncio.get_running_loop().create_task(self._add_connection())
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _add_connection(self) -> None:
        try:
            connection = await self._make_connection()
        except OSError as failure:
            self._addresses.forget()
            flight = self._next_waiting()
            if flight is not None:
                timed_out = isinstance(failure, TimeoutError)
                flight.fail(UpstreamError(f"no connection: {failure}", sent=False, timed_out=timed_out))
            return
        self._open.add(connection)
        self.released(connection)

    async def _make_connection(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._limits.connect_s):
            address = await self._addresses.next()
            make = partial(Connection, self, address, now=self._now)
            _, connection = await loop.create_connection(make, *address)
        return connection

    def _next_waiting(self) -> PooledFlight | None:
        while self._waiting:
            flight = self._waiting.popleft()
            if flight.answer is not None:
                return flight
        return None

    def _fail_soon(self, flight: PooledFlight, reason: str) -> None:
        asyncio.get_running_loop().call_soon(flight.fail, UpstreamError(reason, sent=False))

    def _start_ticking(self) -> None:
        if self._ticker is None:
            self._moment = self._now()
            self._ticker = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._ticker = None
        self._moment = now = self._now()
        for connection in list(self._open):
            connection.overdue(now)
        self._expire_waiting(now)
        self._close_idle(now)
        if self._open and self._addresses.stale() and self._resolving is None:
            self._resolving = asyncio.get_running_loop().create_task(self._addresses.resolve())
            self._resolving.add_done_callback(self._resolved)
        if self._open or self._waiting or self._connecting:
            self._start_ticking()

    def _resolved(self, task: asyncio.Task[None]) -> None:
        self._resolving = None
        if task.cancelled() or task.exception() is not None:
            return
        for connection in list(self._open):
            if not self._addresses.current(connection.address):
                self._retire(connection)

    def _retire(self, connection: Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        connection.close()

    def _expire_waiting(self, now: float) -> None:
        late = [flight for flight in self._waiting if flight.answer is None or flight.until <= now]
        for flight in late:
            self._waiting.remove(flight)
            flight.fail(UpstreamError("no connection came free in time", sent=False, timed_out=True))

    def _close_idle(self, now: float) -> None:
        for connection in list(self._idle):
            if now - connection.idle_since >= self._limits.idle_s:
                self._retire(connection)
