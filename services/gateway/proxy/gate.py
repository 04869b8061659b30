"""What all exchanges of one listener share: the table at work, the door, the limits, the cache, the counters."""

import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from services.chassis.telemetry.traces import OpenSpan
from services.chassis.wire.carrier import Answer, Patience
from services.chassis.wire.port import Headers
from services.gateway.domain.routes import Route
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.cors import Cors
from services.gateway.proxy.headers import Field
from services.gateway.proxy.hearing import ClientEnd, Tunnelling
from services.gateway.proxy.incoming import Incoming
from services.gateway.proxy.journal import Journal
from services.gateway.proxy.keeping import Reading
from services.gateway.proxy.lanes import TIMEOUT, Lane
from services.gateway.proxy.limiting import Limits
from services.gateway.proxy.metering import Meter
from services.gateway.proxy.minting import Minter
from services.gateway.proxy.routing import Table
from services.gateway.proxy.streams import Streams
from services.gateway.proxy.tracing import Tracing

MILLISECOND_DIGITS = 9


class Door(Protocol):
    """Finds out who is asking."""

    streams: Streams
    """What goes on for those it has let in."""

    def recognise(self, incoming: Incoming, route: Route) -> Visitor | Awaitable[Visitor]:
        """At once if it can; raises `Unproven` or `Denied`. What it cannot tell without asking is awaited."""

    def confirm(self, visitor: Visitor, incoming: Incoming) -> None:
        """Once the body is there too. Raises `Unproven`."""


class Client(Answer, ClientEnd, Protocol):
    """Who gets the answer."""

    def proceed(self) -> None:
        """The request is welcome: its body may be sent."""

    def switch(self, tunnel: Tunnelling, headers: Headers) -> None:
        """Leave HTTP: from now on bytes go to `tunnel`, and come as to a `ClientEnd`."""


class Gate:
    """The long-lived side of exchanges."""

    def __init__(
        self,
        table: Table[Lane],
        door: Door,
        minter: Minter,
        meter: Meter,
        *,
        limits: Limits,
        reading: Reading,
        cors: Cors | None = None,
        journal: Journal | None = None,
        trusts_trace: bool = False,
        trace_share: float = 0.0,
        tracing: Tracing | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.table = table
        self.door = door
        self.minter = minter
        self.meter = meter
        self.limits = limits
        self.reading = reading
        self.cors = cors or Cors(frozenset())
        self.journal = journal
        self.now = now
        self.anonymous = Visitor()  # Who shared answers are asked for.
        self._trusts_trace = trusts_trace
        self.tracing = tracing
        self._trace_share = trace_share if tracing is None else 0.0  # Then `tracing` chooses.
        self._random = random.Random()  # noqa: S311 - ids of requests are no secrets, and must be cheap.

    def new_id(self) -> bytes:
        """An id for a request and its trace."""
        return b"%032x" % (self._random.getrandbits(128) | 1)

    def request_id(self, incoming: Incoming, span: OpenSpan | None = None) -> bytes:
        """A fresh one for strangers, their own for those who are trusted; a trace has its request's id."""
        told = incoming.held.get(b"x-request-id") if self._trusts_trace else None
        if told is None and span is not None:
            return span.trace_id
        return told or b"%032x" % (self._random.getrandbits(128) | 1)

    def deadline(self, incoming: Incoming, lane: Lane) -> tuple[Patience, Field]:
        """How long to wait, and how the service is told: the route's time, or what a trusted caller has left."""
        left = incoming.held.get(TIMEOUT) if self._trusts_trace else None
        if left is None or not left.isdigit() or len(left) > MILLISECOND_DIGITS:
            return lane.patience, lane.timeout
        seconds = min(int(left) / 1000, lane.patience.total_s)
        patience = Patience(head_s=seconds, idle_s=seconds, total_s=seconds)
        return patience, (TIMEOUT, b"%d" % int(seconds * 1000))

    def note(self, incoming: Incoming, lane: Lane | None, status: int, *, seconds: float, request_id: bytes) -> None:
        """An exchange is over."""
        series = self.meter.unrouted if lane is None else lane.series[incoming.method]
        series.observe(status, seconds)
        if self.journal is not None and self.journal.wants(status):
            route = "-" if lane is None else lane.path
            self.journal.note(incoming, status=status, seconds=seconds, route=route, request_id=request_id)

    def traceparent(self, incoming: Incoming, request_id: bytes) -> bytes:
        """The W3C trace context that the service is to go on with."""
        if self._trusts_trace:
            parent = incoming.held.get(b"traceparent")
            if parent is not None:
                return parent
            request_id = self.new_id()
        sampled = self._trace_share > 0.0 and self._random.random() < self._trace_share
        return b"00-%b-%b-%b" % (request_id, request_id[16:], b"01" if sampled else b"00")
