"""A connected socket as protocols use it: uvloop's transports have asyncio's methods, but are not asyncio's classes."""

import asyncio
from typing import Protocol, runtime_checkable


@runtime_checkable
class Transport(Protocol):
    """What is used of `asyncio.Transport`."""

    def write(self, data: bytes) -> None:
        """Send in order, buffering what the socket does not take."""

    def write_eof(self) -> None:
        """Send no more, but go on receiving."""

    def can_write_eof(self) -> bool:
        """Whether the two directions can be closed apart."""

    def close(self) -> None:
        """Send what is buffered, then close."""

    def abort(self) -> None:
        """Close at once."""

    def is_closing(self) -> bool:
        """Whether either has been asked for."""

    def pause_reading(self) -> None:
        """Let the peer's bytes wait in its socket."""

    def resume_reading(self) -> None:
        """Take them again."""

    def get_extra_info(self, name: str, default: object = None) -> object:
        """`peername` and the like."""


def to_transport(found: object) -> Transport:
    """What `connection_made` is given. Raises TypeError for a transport that cannot do both directions."""
    if not isinstance(found, Transport):
        raise TypeError(f"{found} is not a stream transport")
    return found


class MemoryTransport(asyncio.Transport):
    """One end of a connection inside this process. What is written here arrives there, in order, a moment later."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Protocol
        self._other: MemoryTransport
        self._closing = False
        self._lost = False
        self._reads = True
        self._arrived: list[bytes] = []

    def join(self, end: asyncio.Protocol, other: "MemoryTransport") -> None:
        """Say who reads here, and where what they write goes."""
        self._end = end
        self._other = other

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See `Transport`."""
        if not self._closing:
            self._loop.call_soon(self._other.arrive, bytes(data))

    def arrive(self, data: bytes) -> None:
        """From the other end."""
        if not self._reads:
            self._arrived.append(data)
        elif not self._lost:
            self._end.data_received(data)

    def close(self) -> None:
        """See `Transport`."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self.lose)
            self._loop.call_soon(self._other.lose)

    def abort(self) -> None:
        """See `Transport`."""
        self.close()

    def lose(self) -> None:
        """Either end has closed."""
        if not self._lost:
            self._closing = self._lost = True
            self._end.connection_lost(None)

    def is_closing(self) -> bool:
        """See `Transport`."""
        return self._closing

    def can_write_eof(self) -> bool:
        """See `Transport`."""
        return False

    def pause_reading(self) -> None:
        """See `Transport`."""
        self._reads = False
        self._other.hold(full=True)

    def resume_reading(self) -> None:
        """See `Transport`."""
        self._reads = True
        arrived, self._arrived = self._arrived, []
        for data in arrived:
            self._loop.call_soon(self.arrive, data)
        self._other.hold(full=False)

    def hold(self, *, full: bool) -> None:
        """Whether the other end wants no more for now."""
        if full:
            self._end.pause_writing()
        else:
            self._end.resume_writing()

    def get_extra_info(self, name: str, default: object = None) -> object:
        """There is no socket to tell of."""
        return ("in-process", 0) if name in {"peername", "sockname"} else default


def connect(one: asyncio.Protocol, other: asyncio.Protocol) -> None:
    """Join two protocols as if a socket were between them."""
    first, second = MemoryTransport(), MemoryTransport()
    first.join(one, second)
    second.join(other, first)
    other.connection_made(second)
    one.connection_made(first)
