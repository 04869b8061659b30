"""A client's connection: requests read by llhttp, exchanges one at a time, in order, and every wait bounded.

Runs under uvicorn, which gives it the socket, counts it, and asks it to `shutdown`.
"""

import asyncio
from collections import deque

import httptools

from services.chassis.wire.port import Headers, UpstreamError
from services.chassis.wire.transport import Transport, to_transport
from services.gateway.proxy.exchange import Exchange, open_exchange
from services.gateway.proxy.headers import Field
from services.gateway.proxy.incoming import Incoming, Peer, read_head
from services.gateway.proxy.listening import Listening
from services.gateway.proxy.problems import (
    BadRequest,
    BodyTooLarge,
    GatewayFull,
    HeadTooLarge,
    HttpRefusal,
    TooSlow,
    render,
)
from services.gateway.proxy.writer import Writer

FOREVER = float("inf")
LINGER_S = 1.0
"""How long a refused client may go on sending, so that it gets to read why."""


class ClientConnection(asyncio.Protocol):
    """From accept to close."""

    __slots__ = (
        "_body_until",
        "_close",
        "_deaf",
        "_due",
        "_exchange",
        "_head_bytes",
        "_held",
        "_in_head",
        "_listening",
        "_parser",
        "_parts",
        "_peer",
        "_queue",
        "_raw",
        "_receiving",
        "_serving",
        "_transport",
        "_url",
        "_writer",
    )

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Transport
        self._writer: Writer
        self._peer: Peer
        self._exchange: Exchange | None = None
        self._serving: Incoming | None = None
        """The request of the exchange under way."""
        self._receiving: Incoming | None = None
        """The request whose body is arriving."""
        self._queue: deque[Incoming | HttpRefusal] = deque()
        self._url = b""
        self._raw: list[Field] = []
        self._parts: list[bytes] = []
        self._head_bytes = 0
        self._due = self._body_until = FOREVER
        self._in_head = self._close = self._deaf = self._held = False

    # From the loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        listening = self._listening
        self._transport = to_transport(transport)
        self._writer = Writer(self._transport, listening.common)
        peername = transport.get_extra_info("peername")
        self._peer = listening.peer(str(peername[0]) if isinstance(peername, tuple) else "local")
        if not listening.add(self):
            self._transport.abort()
        self._due = listening.moment + listening.bounds.head_s

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol names it.
        """See `asyncio.Protocol`."""
        self._listening.remove(self)
        self._abandon()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._deaf:
            return
        if self._receiving is None:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as stopped:
            if not isinstance(stopped.__context__, HttpRefusal):
                raise
            self._stop(stopped.__context__)
        except httptools.HttpParserUpgrade as upgrade:
            self.data_received(data[upgrade.args[0] :])  # An upgrade that nobody took: the request was plain HTTP.
        except httptools.HttpParserError as broken:
            self._stop(BadRequest(str(broken)))
        if self._in_head and self._head_bytes > self._listening.bounds.head_bytes:
            self._stop(HeadTooLarge())

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._due = self._listening.moment + self._listening.bounds.write_stall_s
        if self._exchange is not None:
            self._exchange.hold()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._due = FOREVER
        if self._exchange is not None:
            self._exchange.resume()
        else:
            self._rest()

    # From llhttp. What these raise stops the parser and comes out of `feed_data`.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = b""
        self._raw = []
        self._in_head = True
        if self._exchange is None:
            self._due = self._listening.moment + self._listening.bounds.head_s

    def on_url(self, url: bytes) -> None:
        """A part of its target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; after the head it is a trailer, which nobody asked for."""
        if self._in_head:
            self._raw.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._in_head = False
        listening, parser = self._listening, self._parser
        if self._head_bytes > listening.bounds.head_bytes and self._measure() > listening.bounds.head_bytes:
            raise HeadTooLarge
        self._head_bytes = 0
        self._receiving = incoming = read_head(parser, self._url, self._raw, self._peer)
        if incoming.has_body:
            incoming.body_most = listening.bounds.body_bytes
            self._parts = []
            self._body_until = listening.moment + listening.bounds.body_s
            self._enqueue(incoming)
            if self._serving is incoming:
                self._due = min(listening.moment + listening.bounds.body_idle_s, self._body_until)

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        incoming, listening = self._receiving, self._listening
        if incoming is None or self._deaf:
            return
        incoming.buffered += len(body)
        listening.buffered += len(body)
        if incoming.buffered > incoming.body_most:
            raise BodyTooLarge(incoming.body_most)
        if listening.buffered > listening.bounds.buffered_bytes:
            raise GatewayFull
        self._parts.append(body)
        self._due = min(listening.moment + listening.bounds.body_idle_s, self._body_until)

    def on_message_complete(self) -> None:
        """The request is whole."""
        incoming, self._receiving = self._receiving, None
        if incoming is None or self._deaf:
            return
        incoming.complete = True
        if not incoming.has_body:
            self._enqueue(incoming)
            return
        incoming.body = b"".join(self._parts)
        if self._serving is incoming and self._exchange is not None:
            self._due = FOREVER
            self._exchange.body_arrived()

    # From uvicorn and the clock.

    def shutdown(self) -> None:
        """Close when the answer under way has been sent."""
        self._close = True
        if self._exchange is None:
            self._transport.close()

    def overdue(self, now: float) -> None:
        """See `Ticking`."""
        if now < self._due:
            return
        self._due = FOREVER
        if self._in_head or self._receiving is not None:
            self._stop(TooSlow())
        else:
            self._transport.abort()
            self._abandon()

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
        """See `Answer`. The only way to say that an answer is torn is to break off."""
        self._transport.abort()
        self._abandon()

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
        """Nothing more is read from this client: what follows cannot be trusted to be a request."""
        self._deaf = True
        if self._exchange is None:
            self._refuse(refusal)
        elif self._serving is not None and not self._serving.complete:
            self._exchange.refuse(refusal)
        else:
            self._close = False  # The refusal is still to be told, after the answer under way.
            self._queue.append(refusal)

    def _refuse(self, refusal: HttpRefusal) -> None:
        if self._transport.is_closing():
            return
        request_id = self._listening.gate.new_id()
        problem = render(refusal, request_id.decode())
        self._listening.gate.meter.unrouted.observe(problem.status, 0.0)
        self._writer.expect(head_only=False, http_1_0=False)
        self._writer.head(problem.status, [*problem.headers, (b"x-request-id", request_id)], close=True)
        self._writer.piece(problem.body)
        self._writer.end()
        self._linger()

    def _linger(self) -> None:
        # Closing at once would reset the connection under a client that is still sending, and lose the answer.
        self._deaf = True
        self._in_head = False
        self._receiving = None
        self._due = self._listening.moment + LINGER_S
        self._transport.resume_reading()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _abandon(self) -> None:
        self._deaf = True
        self._queue.clear()
        for incoming in {id(one): one for one in (self._serving, self._receiving) if one is not None}.values():
            self._listening.buffered -= incoming.buffered
        exchange, self._exchange, self._serving, self._receiving = self._exchange, None, None, None
        if exchange is not None:
            exchange.client_left()

    def _measure(self) -> int:
        return len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._raw)
