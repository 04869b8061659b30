"""WebSockets: the handshake goes to the service as a call would, with an identity; after its 101 only bytes pass.

Nothing passes before the service has agreed, so that what a client sends early can never reach it as a request.
"""

import asyncio
import logging
from typing import Protocol

import httptools

from services.chassis.wire.carrier import Carrier
from services.chassis.wire.flights import render
from services.chassis.wire.port import Call, Headers
from services.chassis.wire.transport import Transport, to_transport
from services.gateway.domain.refusals import TokenRevoked
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.headers import NOT_TOLD, Field
from services.gateway.proxy.hearing import ClientEnd, Hearer
from services.gateway.proxy.problems import ServiceSilent

SWITCHING = 101
_LOG = logging.getLogger(__name__)


class Switching(Hearer, Protocol):
    """The exchange that a tunnel is for."""

    gate: Gate
    request_id: bytes

    def switched(self, tunnel: "Tunnel", headers: Headers) -> ClientEnd | None:
        """The service has agreed; None if the client has left."""


class Tunnel(asyncio.Protocol):
    """The service's end of one WebSocket."""

    def __init__(self, call: Call, service: str, exchange: Switching, visitor: Visitor) -> None:
        self._handshake = render(call, service.encode())
        self._service = service
        self._visitor = visitor
        self._streams = exchange.gate.door.streams
        self._exchange: Switching | None = exchange
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Transport
        self._dialled = False
        self._fields: list[Field] = []
        self._client: ClientEnd | None = None
        """Known once the service has agreed."""
        self._answers = False

    async def dial(self, carrier: Carrier) -> None:
        """Connect to the service; the exchange learns if that cannot be done."""
        self._streams.add(self._visitor, self)
        try:
            await carrier.dial(self)
        except OSError as failed:
            exchange, self._exchange = self._exchange, None
            self._give_up(exchange, type(failed).__name__)

    # From the loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = to_transport(transport)
        self._dialled = True
        self._transport.write(self._handshake)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._client is not None:
            self._client.pass_through(data)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switch(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError:
            raise
        except httptools.HttpParserError:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol names it.
        """See `asyncio.Protocol`."""
        self._streams.remove(self._visitor, self)
        exchange, self._exchange = self._exchange, None
        client, self._client = self._client, None
        if client is not None:
            client.close_tunnel()
        elif exchange is not None and self._answers:
            exchange.end()
        else:
            self._give_up(exchange, "the connection ended before its answer")

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._client is not None:
            self._client.hold_tunnel(full=True)

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._client is not None:
            self._client.hold_tunnel(full=False)

    # From llhttp.

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the service's answer."""
        self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Its head: 101, or a refusal, which is passed on like any answer."""
        status = self._parser.get_status_code()
        if status != SWITCHING and self._exchange is not None:
            self._answers = True
            self._exchange.head(status, self._fields)

    def on_body(self, body: bytes) -> None:
        """A part of the refusal."""
        if self._exchange is not None:
            self._exchange.piece(body)

    def on_message_complete(self) -> None:
        """The refusal is whole."""
        if self._answers:
            exchange, self._exchange = self._exchange, None
            self._transport.close()
            if exchange is not None:
                exchange.end()

    # From the client's connection.

    def send(self, data: bytes) -> None:
        """See `Tunnelling`."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def hold(self) -> None:
        """See `Tunnelling`."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """See `Tunnelling`."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """See `Tunnelling`."""
        self._streams.remove(self._visitor, self)
        self._exchange = self._client = None
        if self._dialled:
            self._transport.close()

    def cut(self) -> None:
        """See `Stream`."""
        exchange, client = self._exchange, self._client
        self.close()
        if client is not None:
            client.close_tunnel()
        elif exchange is not None:
            exchange.refuse(TokenRevoked())

    def _give_up(self, exchange: Switching | None, reason: str) -> None:
        self._streams.remove(self._visitor, self)
        if exchange is None:
            return
        told = {"upstream": self._service, "reason": reason, "request_id": exchange.request_id.decode()}
        _LOG.warning("a service took no WebSocket", extra=told)
        exchange.refuse(ServiceSilent())

    def _switch(self, first: bytes) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self._client = exchange.switched(self, [field for field in self._fields if field[0] not in NOT_TOLD])
        if self._client is None:
            self._transport.close()
        elif first:
            self._client.pass_through(first)
