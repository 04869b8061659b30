"""What all connections of one listener share: its bounds, its ticking clock, and who is connected."""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Protocol

from msgspec import Struct

from services.gateway.domain.limits import Purse
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.headers import Field
from services.gateway.proxy.incoming import Peer
from services.gateway.proxy.limiting import Purses
from services.gateway.proxy.writer import Common

FOREVER = float("inf")
TICK_S = 0.25
ADDRESS = b"x-forwarded-for"
IPV6_PREFIX = 64
"""One household or server has a whole /64 to choose addresses from."""


class Bounds(Struct, frozen=True, kw_only=True):
    """What a client may take."""

    head_bytes: int = 16 * 1024
    head_s: float = 10.0
    """From the first byte of a request to the end of its head."""
    body_idle_s: float = 10.0
    """Between two pieces of a body."""
    body_s: float = 60.0
    """For all of it."""
    keep_alive_s: float = 65.0
    write_stall_s: float = 30.0
    """That a client may leave its answer unread."""
    tunnel_idle_s: float = 300.0
    """That a WebSocket may be silent in both directions."""
    connections: int = 10_000
    pipelined: int = 32
    body_bytes: int = 10_000_000
    """Of one request, whose route may allow less."""
    buffered_bytes: int = 64 * 1024 * 1024
    """Bodies of all connections together."""


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Ticking(Protocol):
    """A connection, as the clock sees it."""

    def overdue(self, now: float) -> None:
        """Close if something should have happened by now."""


class Listening:
    """The shared side of connections."""

    def __init__(
        self,
        gate: Gate,
        bounds: Bounds,
        *,
        trusted: Sequence[Network] = (),
        ledger: set[Purse] | None = None,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.gate = gate
        self.bounds = bounds
        self.common = Common()
        self.connections: set[Ticking] = set()
        self.buffered = 0
        """Bytes of bodies that are held at the moment."""
        self.moment = now()
        """The time, as of the last tick: exact enough for timeouts, and free."""
        self._now = now
        self._wall = wall
        self.trusted = trusted
        self._purses = Purses("address", ledger)
        self._ticker: asyncio.TimerHandle | None = None

    def peer(self, address: str) -> Peer:
        """Who is at `address`; all its connections spend from one purse."""
        return Peer(
            address=address,
            field=(ADDRESS, address.encode()),
            purse=self._purses.of(_household(address), self._now()),
        )

    def behind(self, peer: Peer, raw: Sequence[Field]) -> Peer:
        """The client behind `peer`, if that is a proxy whose word is good: the last address it did not add itself."""
        if not self._trusts(peer.address):
            return peer
        named = [value for name, value in raw if name == ADDRESS]
        for address in reversed(b",".join(named).decode("latin-1").split(",")):
            if not _is_address(address.strip()):
                break
            if not self._trusts(address.strip()):
                return self.peer(address.strip())
        return peer

    def _trusts(self, address: str) -> bool:
        return any(ipaddress.ip_address(address) in network for network in self.trusted)

    def add(self, connection: Ticking) -> bool:
        """False when there are too many."""
        if len(self.connections) >= self.bounds.connections:
            return False
        if self._ticker is None:
            self._read_clocks()  # Nobody has looked at them since the last connection went.
            self._ticker = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        self.connections.add(connection)
        return True

    def remove(self, connection: Ticking) -> None:
        """It is gone."""
        self.connections.discard(connection)

    def _read_clocks(self) -> None:
        self.moment = self._now()
        self.common.set_date(formatdate(self._wall(), usegmt=True))

    def _tick(self) -> None:
        self._read_clocks()
        for connection in list(self.connections):
            connection.overdue(self.moment)
        self._ticker = asyncio.get_running_loop().call_later(TICK_S, self._tick) if self.connections else None


def _household(address: str) -> str:
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address.partition("%")[0], IPV6_PREFIX), strict=False).network_address)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
