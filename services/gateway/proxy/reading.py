"""Requests out of a client's bytes: llhttp reads them, this bounds them in size and time."""

from typing import Protocol

import httptools

from services.gateway.proxy.headers import Field
from services.gateway.proxy.incoming import Incoming, Peer, read_head
from services.gateway.proxy.listening import FOREVER, Listening
from services.gateway.proxy.problems import BadRequest, BodyTooLarge, GatewayFull, HeadTooLarge, HttpRefusal

_LINE_OVERHEAD = 4
"""Colon, space and line end."""


class Taker(Protocol):
    """Who gets the requests. What its methods raise comes out of `feed`."""

    def head_arrived(self, incoming: Incoming) -> None:
        """A request whose body is still to come."""

    def request_arrived(self, incoming: Incoming) -> None:
        """A whole request; if it has a body, `head_arrived` came first."""


class RequestReader:
    """One connection's requests, one after the other."""

    __slots__ = (
        "_body_until",
        "_head_bytes",
        "_listening",
        "_parser",
        "_parts",
        "_peer",
        "_raw",
        "_taker",
        "_url",
        "due",
        "in_head",
        "receiving",
    )

    def __init__(self, listening: Listening, peer: Peer, taker: Taker) -> None:
        self._listening = listening
        self._peer = peer
        self._taker = taker
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._raw: list[Field] = []
        self._parts: list[bytes] = []
        self._head_bytes = 0
        self._body_until = FOREVER
        self.due = listening.moment + listening.bounds.head_s
        """When the next part of a request must have come."""
        self.in_head = False
        self.receiving: Incoming | None = None
        """The request whose body is arriving."""

    def feed(self, data: bytes) -> bytes:
        """What follows a request that wants to leave HTTP, else nothing. Raises `HttpRefusal`."""
        if self.receiving is None:
            self._head_bytes += len(data)
        rest = b""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as stopped:
            if isinstance(stopped.__context__, HttpRefusal):
                raise stopped.__context__ from None
            raise
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserError as broken:
            raise BadRequest(str(broken)) from None
        if self.in_head and self._head_bytes > self._listening.bounds.head_bytes:
            raise HeadTooLarge
        return rest

    def give_up(self) -> None:
        """Nothing more is expected."""
        self.due = FOREVER
        self.in_head = False
        self.receiving = None

    # From llhttp.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = b""
        self._raw = []
        self.in_head = True
        self.due = self._listening.moment + self._listening.bounds.head_s

    def on_url(self, url: bytes) -> None:
        """A part of its target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; after the head it is a trailer, which nobody asked for."""
        if self.in_head:
            self._raw.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self.in_head = False
        self.due = FOREVER
        listening = self._listening
        if self._head_bytes > listening.bounds.head_bytes and self._measure() > listening.bounds.head_bytes:
            raise HeadTooLarge
        self._head_bytes = 0
        peer = listening.behind(self._peer, self._raw) if listening.trusted else self._peer
        self.receiving = incoming = read_head(self._parser, self._url, self._raw, peer)
        if incoming.has_body:
            incoming.body_most = listening.bounds.body_bytes
            self._parts = []
            self._body_until = listening.moment + listening.bounds.body_s
            self._wait_for_body()
            self._taker.head_arrived(incoming)

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        incoming, listening = self.receiving, self._listening
        if incoming is None:
            return
        incoming.buffered += len(body)
        listening.buffered += len(body)
        if incoming.buffered > incoming.body_most:
            raise BodyTooLarge(incoming.body_most)
        if listening.buffered > listening.bounds.buffered_bytes:
            raise GatewayFull
        self._parts.append(body)
        self._wait_for_body()

    def on_message_complete(self) -> None:
        """The request is whole."""
        incoming, self.receiving = self.receiving, None
        if incoming is None:
            return
        incoming.complete = True
        if incoming.has_body:
            self.due = FOREVER
            incoming.body = b"".join(self._parts)
        self._taker.request_arrived(incoming)

    def _wait_for_body(self) -> None:
        self.due = min(self._listening.moment + self._listening.bounds.body_idle_s, self._body_until)

    def _measure(self) -> int:
        return len(self._url) + sum(len(name) + len(value) + _LINE_OVERHEAD for name, value in self._raw)
