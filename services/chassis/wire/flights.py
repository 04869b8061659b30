"""One call on its way through the pool: what is needed to send it, send it once more, or give it up."""

from typing import Protocol

from msgspec import Struct

from services.chassis.wire.carrier import Answer, Patience
from services.chassis.wire.port import Call, UpstreamError

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Seat(Protocol):
    """The connection that carries a flight."""

    def hold(self) -> None:
        """Stop reading."""

    def resume(self) -> None:
        """Read on."""

    def drop(self) -> None:
        """Close: an answer that nobody wants would have to be read to its end."""


def render(call: Call, authority: bytes) -> bytes:
    """The request as it goes on the wire. The caller vouches for targets and headers without line breaks."""
    out = [call.method.encode("ascii"), b" ", call.target.encode("ascii"), b" HTTP/1.1\r\nhost: ", authority, b"\r\n"]
    for name, value in call.headers:
        out += (name, b": ", value, b"\r\n")
    if call.body or call.method in WITH_BODY:
        out.append(b"content-length: %d\r\n" % len(call.body))
    out += (b"\r\n", call.body)
    return b"".join(out)


class PooledFlight(Struct):
    """A call, from `send` to its end."""

    request: bytes
    answer: Answer | None
    head_only: bool
    idempotent: bool
    patience: Patience
    until: float
    """When the next step of the answer must have come."""
    limit: float
    """When all of it must have come."""
    heard: bool = False
    """Whether anything of the answer has come."""
    tries: int = 0
    seat: Seat | None = None

    def may_go_again(self) -> bool:
        """Whether a stale connection that broke under it may be replaced: once, and if nothing can happen twice."""
        return self.answer is not None and not self.heard and self.idempotent and self.tries == 1

    def progressed(self, now: float) -> None:
        """A piece has come; the next may take as long again."""
        self.until = min(now + self.patience.idle_s, self.limit)

    def fail(self, error: UpstreamError) -> None:
        """Tell the listener, once."""
        answer, self.answer, self.seat = self.answer, None, None
        if answer is not None:
            answer.fail(error)

    def hold(self) -> None:
        """Stop reading the answer."""
        if self.seat is not None:
            self.seat.hold()

    def resume(self) -> None:
        """Read the answer on."""
        if self.seat is not None:
            self.seat.resume()

    def abort(self) -> None:
        """Forget the listener, and the connection with it."""
        self.answer = None
        seat, self.seat = self.seat, None
        if seat is not None:
            seat.drop()
