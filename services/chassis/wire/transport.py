"""A connected socket as protocols use it: uvloop's transports have asyncio's methods, but are not asyncio's classes."""

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
