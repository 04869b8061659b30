"""Keeps tests from reaching further than their tier may: an audit hook that refuses, and remembers that it did.

uvloop's own sockets raise no audit events; tests run on asyncio's loop.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from ipaddress import ip_address

_BY_SOCKET = frozenset({"socket.bind", "socket.connect", "socket.sendmsg", "socket.sendto"})
_WATCHED = _BY_SOCKET | {"socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname"}


class Reach(Enum):
    """How far a test may go."""

    NOWHERE = "no sockets at all"
    LOOPBACK = "this machine only"
    ANYWHERE = "anywhere"


class SocketRefused(Exception):
    """A test tried to go further than its tier may."""


class SocketWall:
    """Stands from `build` on until the interpreter ends, since audit hooks cannot be taken away."""

    def __init__(self) -> None:
        self._reach = Reach.ANYWHERE
        self._refused: list[str] = []

    def build(self) -> None:
        """Begin to watch."""
        sys.addaudithook(self._audit)

    @contextmanager
    def limit(self, reach: Reach) -> Iterator[list[str]]:
        """Refuse what goes further; the list fills with what was refused, as code under test may swallow the error."""
        self._reach, self._refused = reach, []
        try:
            yield self._refused
        finally:
            self._reach = Reach.ANYWHERE

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in _WATCHED or self._reach is Reach.ANYWHERE:
            return
        where = _address(event, arguments)
        if not within(self._reach, where):
            self._refused.append(f"{event} {where!r}")
            raise SocketRefused(f"{event} {where!r} in a test that may reach {self._reach.value}")


def within(reach: Reach, where: object) -> bool:
    """Whether an address is near enough: a host name or number, the path of a Unix socket, None for any of our own."""
    if reach is not Reach.LOOPBACK:
        return reach is Reach.ANYWHERE
    if where is None or isinstance(where, bytes):
        return True
    host = str(where)
    if host in {"", "localhost"} or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(event: str, arguments: tuple[object, ...]) -> object:
    # bind, connect and the sends come with (socket, address), the look-ups with the host first.
    address = arguments[1] if event in _BY_SOCKET else arguments[0]
    return address[0] if isinstance(address, tuple) and address else address
