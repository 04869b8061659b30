"""The same exchanges for callers in this process: a call goes through a gate without a socket."""

import asyncio

from services.chassis.wire.port import Call, Headers, Reply, UpstreamError
from services.chassis.wire.upstream import WholeAnswer
from services.gateway.proxy.exchange import open_exchange
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.hearing import Tunnelling
from services.gateway.proxy.incoming import Incoming, Peer, sort_fields
from services.gateway.proxy.limiting import BottomlessPurse
from services.gateway.proxy.listening import ADDRESS

HERE = "in-process"


class WholeReply(WholeAnswer):
    """A client that wants all of the answer at once, and no tunnels."""

    def proceed(self) -> None:
        """See `Client`. The body is there already."""

    def switch(self, tunnel: Tunnelling, headers: Headers) -> None:  # noqa: ARG002 - there is nothing to tell anyone.
        """See `Client`."""
        tunnel.close()

    def pass_through(self, data: bytes) -> None:
        """See `ClientEnd`."""

    def hold_tunnel(self, *, full: bool) -> None:
        """See `ClientEnd`."""

    def close_tunnel(self) -> None:
        """See `ClientEnd`."""


class Inside:
    """An `Upstream` that is a gate of this process. Until `open_to` nothing gets an answer."""

    def __init__(self) -> None:
        self._gate: Gate | None = None
        self._peer = Peer(address=HERE, field=(ADDRESS, HERE.encode()), purse=BottomlessPurse(HERE))

    def open_to(self, gate: Gate) -> None:
        """From now on calls go through `gate`."""
        self._gate = gate

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 16 * 1024 * 1024) -> Reply:
        """See `Upstream`."""
        if self._gate is None:
            raise UpstreamError("the gateway is not open yet", sent=False)
        whole = WholeReply(max_bytes)
        exchange = open_exchange(self._gate, _read(call, self._peer), whole)
        exchange.begin()
        try:
            async with asyncio.timeout(timeout_s):
                return await whole.reply
        except TimeoutError as late:
            raise UpstreamError("the answer did not come in time", sent=True, timed_out=True) from late
        finally:
            exchange.client_left()

    async def close(self) -> None:
        """See `Upstream`."""
        self._gate = None


def _read(call: Call, peer: Peer) -> Incoming:
    fields, held = sort_fields(call.headers)
    return Incoming(
        method=call.method,
        target=call.target.encode("ascii"),
        fields=fields,
        held=held,
        peer=peer,
        keep_alive=True,
        has_body=bool(call.body),
        body=call.body,
        complete=True,
    )
