"""One connection to an upstream: HTTP/1.1, one call at a time, answers read by llhttp.

It knows how an answer is framed and when the connection may serve again; who gets it next is the pool's business.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import httptools

from services.chassis.wire.flights import PooledFlight
from services.chassis.wire.origin import Address
from services.chassis.wire.port import UpstreamError
from services.chassis.wire.transport import Transport, to_transport

FINAL = 200


class Home(Protocol):
    """The pool a connection belongs to."""

    def released(self, connection: "Connection") -> None:
        """It is free again."""

    def lost(self, connection: "Connection", flight: PooledFlight | None, *, reason: str) -> None:
        """It is gone; `flight` was under way and its listener does not know yet."""


class Connection(asyncio.Protocol):
    """Made by the pool; `transport` is set before it is ever used."""

    __slots__ = (
        "_ends_with_connection",
        "_fields",
        "_final",
        "_flight",
        "_home",
        "_keep",
        "_now",
        "_parser",
        "_status",
        "_transport",
        "_whole",
        "address",
        "calls",
        "idle_since",
    )

    def __init__(self, home: Home, address: Address, *, now: Callable[[], float]) -> None:
        self._home = home
        self._now = now
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Transport | None = None
        self._flight: PooledFlight | None = None
        self._fields: list[tuple[bytes, bytes]] = []
        self._status = 0
        self._final = False
        self._whole = False
        self._keep = True
        self._ends_with_connection = False
        self.address = address
        self.calls = 0
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From the loop."""
        self._transport = to_transport(transport)

    def usable(self) -> bool:
        """Whether the next call may go out here."""
        return self._transport is not None and not self._transport.is_closing()

    def carry(self, flight: PooledFlight) -> None:
        """Send a call; the connection is taken until `released`."""
        assert self._transport is not None
        flight.seat = self
        flight.tries += 1
        self.calls += 1
        self._flight = flight
        self._whole = self._final = False
        self._transport.write(flight.request)

    def overdue(self, now: float) -> None:
        """Give up on the flight if the answer's next step should have come by now."""
        flight = self._flight
        if flight is None or now < flight.until:
            return
        self._flight = None
        self.drop()
        flight.fail(UpstreamError("the answer did not come in time", sent=True, timed_out=True))

    def hold(self) -> None:
        """See `Seat`."""
        if self._flight is not None and self._transport is not None and self.usable():
            self._flight.until = self._flight.limit  # The reader is slow, not the upstream.
            self._transport.pause_reading()

    def resume(self) -> None:
        """See `Seat`."""
        if self._flight is not None and self._transport is not None and self.usable():
            self._flight.progressed(self._now())
            self._transport.resume_reading()

    def drop(self) -> None:
        """See `Seat`."""
        self._keep = False
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Close now when idle, else after the call under way."""
        self._keep = False
        if self._flight is None and self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """From the loop."""
        flight = self._flight
        if flight is None:
            self.drop()  # Bytes that answer nothing: they would be taken for the answer to the next call.
            return
        flight.heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            raise
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as broken:
            self._keep = False
            if not self._whole:
                self._tear(f"the answer is malformed: {broken}")
                return
        if self._whole:
            self._finish(flight)
        elif flight.answer is not None:
            flight.progressed(self._now())
            if self._final:
                flight.answer.pause()

    def on_message_begin(self) -> None:
        """From llhttp."""
        if self._whole:
            self._keep = False  # A second answer to one request.
        self._fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """From llhttp; after the head these are trailers, which nobody asked for."""
        if not self._final:
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """From llhttp."""
        if self._whole:
            return
        self._status = status = self._parser.get_status_code()
        if status < FINAL:
            return  # 101 too: nobody asked, so llhttp's leaving HTTP then tears the flight.
        self._final = True
        if not self._parser.should_keep_alive():
            self._keep = False
            self._ends_with_connection = not _has_length(self._fields)
        flight = self._flight
        if flight is not None and flight.answer is not None:
            flight.answer.head(status, self._fields)
            if flight.head_only:
                self._whole = True
                self._parser = httptools.HttpResponseParser(self)  # llhttp waits for the body that HEAD does not have.

    def on_body(self, body: bytes) -> None:
        """From llhttp."""
        flight = self._flight
        if self._whole:
            self._keep = False  # A body where none belongs.
        elif flight is not None and flight.answer is not None:
            flight.answer.piece(body)

    def on_message_complete(self) -> None:
        """From llhttp."""
        if self._final:
            self._whole = True

    def connection_lost(self, exc: Exception | None) -> None:
        """From the loop."""
        flight, self._flight = self._flight, None
        if flight is not None and self._final and self._ends_with_connection and exc is None:
            answer, flight.answer = flight.answer, None
            if answer is not None:
                answer.end()
            flight = None
        self._home.lost(self, flight, reason=str(exc) if exc else "the upstream closed the connection")

    def _finish(self, flight: PooledFlight) -> None:
        answer, flight.answer, flight.seat, self._flight = flight.answer, None, None, None
        if self._keep and self._transport is not None and not self._transport.is_closing():
            self._home.released(self)
        elif self._transport is not None:
            self._transport.close()
        if answer is not None:
            answer.end()

    def _tear(self, reason: str) -> None:
        flight, self._flight = self._flight, None
        self.drop()
        if flight is not None:
            flight.fail(UpstreamError(reason, sent=True))


def _has_length(fields: list[tuple[bytes, bytes]]) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in fields)
