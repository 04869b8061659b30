"""A call told piece by piece, so that a gateway can pass an answer on while it is still coming.

Nothing here waits: a carrier calls the listener back from the event loop, in order, and never from within `send`.
"""

import asyncio
from typing import Protocol

from msgspec import Struct

from services.chassis.wire.port import Call, Headers, UpstreamError


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait for an answer. The clock runs from `send` on."""

    head_s: float
    """Until its head has come."""
    idle_s: float
    """Between two pieces of its body."""
    total_s: float = float("inf")
    """Until its end; infinite for streams."""


class Answer(Protocol):
    """Who listens to an answer: `head`, any number of `piece`, then `end`; or `fail` at any point, and nothing more."""

    def head(self, status: int, headers: Headers) -> None:
        """Names are in lower case. Interim (1xx) answers are not told."""

    def piece(self, body: bytes) -> None:
        """The next bytes of the body, without chunk framing."""

    def pause(self) -> None:
        """All that has arrived so far has been told, and more is to come."""

    def end(self) -> None:
        """The answer is whole."""

    def fail(self, error: UpstreamError) -> None:
        """No answer, or, after `head`, a torn one."""


class Flight(Protocol):
    """A call under way."""

    def hold(self) -> None:
        """Stop telling pieces soon: whoever reads them cannot keep up."""

    def resume(self) -> None:
        """Go on after `hold`."""

    def abort(self) -> None:
        """Nobody wants the answer any more; the listener is told nothing after this. Harmless at the end."""


class Carrier(Protocol):
    """One service, reached somehow."""

    def send(self, call: Call, answer: Answer, patience: Patience) -> Flight:
        """Begin a call. A stale pooled connection is replaced without the listener noticing."""

    async def dial(self, end: asyncio.Protocol) -> None:
        """Give `end` a connection of its own, for what is more than calls. Raises OSError."""

    async def close(self) -> None:
        """Refuse new calls, let those under way end, and disconnect."""
