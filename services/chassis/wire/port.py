"""One call to an upstream, whichever carries it: a pooled connection or the upstream's ASGI application in process."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case."""


class Call(Struct, frozen=True, kw_only=True):
    """A request whose body is known whole."""

    method: str
    target: str
    """Path and query as they go on the wire."""
    headers: Headers
    body: bytes = b""


class Reply(Struct, frozen=True, kw_only=True):
    """An answer read whole."""

    status: int
    headers: Headers
    body: bytes


class UpstreamError(Exception):
    """No answer came. `sent` says whether the upstream may have acted on the request."""

    def __init__(self, reason: str, *, sent: bool, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.sent = sent
        self.timed_out = timed_out


class Upstream(Protocol):
    """One service, reached somehow."""

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 16 * 1024 * 1024) -> Reply:
        """Raises `UpstreamError`. A stale pooled connection is replaced without the caller noticing."""

    async def close(self) -> None:
        """Close idle connections; those in use when they are done."""
