"""A client's connection: exchanges one at a time, in the order of the requests, until either side has had enough.

Runs under uvicorn, which gives it the socket, counts it, and asks it to `shutdown`.
"""

import asyncio
from collections import deque

from services.chassis.wire.port import Headers, UpstreamError
from services.chassis.wire.transport import Transport, to_transport
from services.gateway.proxy.exchange import Exchange, open_exchange
from services.gateway.proxy.hearing import Tunnelling
from services.gateway.proxy.incoming import Incoming
from services.gateway.proxy.listening import FOREVER, Listening
from services.gateway.proxy.problems import BadRequest, HttpRefusal, TooSlow, render
from services.gateway.proxy.reading import RequestReader
from services.gateway.proxy.writer import Writer

LINGER_S = 1.0
"""How long a refused client may go on sending, so that it gets to read why."""


class ClientConnection(asyncio.Protocol):
    """From accept to close."""

    __slots__ = (
        "_close",
        "_deaf",
        "_due",
        "_exchange",
        "_held",
        "_listening",
        "_queue",
        "_reader",
        "_serving",
        "_transport",
        "_tunnel",
        "_writer",
    )

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._transport: Transport
        self._writer: Writer
        self._reader: RequestReader
        self._exchange: Exchange | None = None
        self._serving: Incoming | None = None
        """The request of the exchange under way."""
        self._queue: deque[Incoming | HttpRefusal] = deque()
        self._tunnel: Tunnelling | None = None
        self._due = FOREVER
        self._close = self._deaf = self._held = False

    # From the loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        listening = self._listening
        self._transport = to_transport(transport)
        admitted = listening.add(self)
        self._writer = Writer(self._transport, listening.common)
        peername = transport.get_extra_info("peername")
        peer = listening.peer(str(peername[0]) if isinstance(peername, tuple) else "local")
        self._reader = RequestReader(listening, peer, self)
        if not admitted:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol names it.
        """See `asyncio.Protocol`."""
        self._listening.remove(self)
        self._abandon()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._tunnel is not None:
            self._due = self._listening.moment + self._listening.bounds.tunnel_idle_s
            self._tunnel.send(data)
            return
        if self._deaf:
            return
        try:
            rest = self._reader.feed(data)
        except HttpRefusal as refusal:
            self._stop(refusal)
            return
        if rest:
            # An upgrade that nobody took leaves plain HTTP behind it, one that was taken leaves its first bytes.
            self.data_received(rest)

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._due = self._listening.moment + self._listening.bounds.write_stall_s
        if self._tunnel is not None:
            self._tunnel.hold()
        elif self._exchange is not None:
            self._exchange.hold()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._due = FOREVER
        if self._tunnel is not None:
            self._tunnel.resume()
        elif self._exchange is not None:
            self._exchange.resume()
        else:
            self._rest()

    # From the reader.

    def head_arrived(self, incoming: Incoming) -> None:
        """See `Taker`."""
        self._enqueue(incoming)

    def request_arrived(self, incoming: Incoming) -> None:
        """See `Taker`."""
        if not incoming.has_body:
            self._enqueue(incoming)
        elif self._serving is incoming and self._exchange is not None:
            self._exchange.body_arrived()

    # From uvicorn and the clock.

    def shutdown(self) -> None:
        """Close when the answer under way has been sent."""
        self._close = True
        if self._exchange is None:
            self._transport.close()

    def overdue(self, now: float) -> None:
        """See `Ticking`."""
        reader = self._reader
        if now >= self._due:
            self._due = FOREVER
            self._transport.abort()
            self._abandon()
        elif now >= reader.due and not self._held:
            if reader.in_head or reader.receiving is not None:
                self._stop(TooSlow())
            else:
                self._transport.abort()

    # From the exchange.

    def proceed(self) -> None:
        """See `Client`."""
        if self._serving is not None and b"expect" in self._serving.held:
            self._writer.proceed()

    def head(self, status: int, headers: Headers) -> None:
        """See `Answer`."""
        incomplete = self._serving is None or not self._serving.complete
        self._close = self._writer.head(status, headers, close=self._close or incomplete)

    def piece(self, body: bytes) -> None:
        """See `Answer`."""
        self._writer.piece(body)

    def pause(self) -> None:
        """See `Answer`."""
        self._writer.flush()

    def end(self) -> None:
        """See `Answer`."""
        self._writer.end()
        serving, self._serving, self._exchange = self._serving, None, None
        if serving is not None:
            self._listening.buffered -= serving.buffered
        if serving is not None and not serving.complete:
            self._linger()
        elif self._close:
            self._deaf = True
            self._transport.close()
        elif self._queue:
            self._serve_queue()
        else:
            self._rest()

    def fail(self, error: UpstreamError) -> None:  # noqa: ARG002 - the client can only be cut off.
        """See `Answer`."""
        self._transport.abort()
        self._abandon()

    def switch(self, tunnel: Tunnelling, headers: Headers) -> None:
        """See `Client`."""
        self._exchange = self._serving = None
        self._tunnel = tunnel
        self._due = self._listening.moment + self._listening.bounds.tunnel_idle_s
        self._writer.switch(headers)

    def pass_through(self, data: bytes) -> None:
        """See `ClientEnd`."""
        self._due = self._listening.moment + self._listening.bounds.tunnel_idle_s
        self._transport.write(data)

    def hold_tunnel(self, *, full: bool) -> None:
        """See `ClientEnd`."""
        if self._transport.is_closing():
            return
        if full:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close_tunnel(self) -> None:
        """See `ClientEnd`."""
        self._tunnel = None
        self._deaf = True
        self._transport.close()

    # Between requests.

    def _enqueue(self, incoming: Incoming) -> None:
        if self._exchange is None and not self._queue:
            self._serve(incoming)
            return
        if len(self._queue) >= self._listening.bounds.pipelined:
            raise BadRequest("too many requests were sent ahead")
        self._queue.append(incoming)
        if not self._held:
            self._held = True
            self._transport.pause_reading()

    def _serve_queue(self) -> None:
        while self._queue and self._exchange is None and not self._transport.is_closing():
            ahead = self._queue.popleft()
            if isinstance(ahead, HttpRefusal):
                self._refuse(ahead)
            else:
                self._serve(ahead)

    def _serve(self, incoming: Incoming) -> None:
        self._due = FOREVER
        self._serving = incoming
        self._close = self._close or not incoming.keep_alive
        self._writer.expect(head_only=incoming.method == "HEAD", http_1_0=incoming.http_1_0)
        self._exchange = open_exchange(self._listening.gate, incoming, self)
        self._exchange.begin()

    def _rest(self) -> None:
        self._due = self._listening.moment + self._listening.bounds.keep_alive_s
        if self._held:
            self._held = False
            self._transport.resume_reading()

    def _stop(self, refusal: HttpRefusal) -> None:
        # Nothing more is read from this client: what follows cannot be trusted to be a request.
        self._deaf = True
        if self._exchange is None:
            self._refuse(refusal)
        elif self._serving is not None and not self._serving.complete:
            self._exchange.refuse(refusal)
        elif not self._close:
            self._queue.append(refusal)

    def _refuse(self, refusal: HttpRefusal) -> None:
        if self._transport.is_closing():
            return
        gate = self._listening.gate
        request_id = gate.new_id()
        problem = render(refusal, request_id.decode())
        gate.meter.unrouted.observe(problem.status, 0.0)
        self._writer.expect(head_only=False, http_1_0=False)
        self._writer.head(problem.status, [*problem.headers, (b"x-request-id", request_id)], close=True)
        self._writer.piece(problem.body)
        self._writer.end()
        self._linger()

    def _linger(self) -> None:
        # Closing at once would reset the connection under a client that is still sending, and lose the answer.
        self._deaf = True
        self._reader.give_up()
        self._due = self._listening.moment + LINGER_S
        self._transport.resume_reading()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _abandon(self) -> None:
        self._deaf = True
        self._queue.clear()
        for incoming in {id(one): one for one in (self._serving, self._reader.receiving) if one is not None}.values():
            self._listening.buffered -= incoming.buffered
        self._reader.give_up()
        exchange, self._exchange, self._serving = self._exchange, None, None
        tunnel, self._tunnel = self._tunnel, None
        if exchange is not None:
            exchange.client_left()
        if tunnel is not None:
            tunnel.close()
