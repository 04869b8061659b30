"""Answers that never end and connections that have left HTTP, by who they were opened for.

A request is over before the revocation of its session can matter to it; these would go on for as long as they like.
"""

from typing import Protocol
from uuid import UUID

from services.chassis.wire.port import UpstreamError
from services.gateway.domain.visitors import Visitor


class SessionEnded(UpstreamError):
    """Whoever listened may not listen any more."""

    def __init__(self) -> None:
        super().__init__("the session was ended", sent=True)


class Stream(Protocol):
    """Something that goes on."""

    def cut(self) -> None:
        """End it now, at both ends."""


class Streams:
    """All that are open, by session or API key; those of anonymous visitors are nobody's to revoke."""

    def __init__(self) -> None:
        self._open: dict[UUID, dict[int, Stream]] = {}

    def add(self, visitor: Visitor, stream: Stream) -> None:
        """It has begun."""
        owner = visitor.sid or visitor.key_id
        if owner is not None:
            self._open.setdefault(owner, {})[id(stream)] = stream

    def remove(self, visitor: Visitor, stream: Stream) -> None:
        """It has ended. Harmless for one that was never there."""
        owner = visitor.sid or visitor.key_id
        streams = self._open.get(owner) if owner is not None else None
        if owner is None or streams is None:
            return
        streams.pop(id(stream), None)
        if not streams:
            del self._open[owner]

    def cut(self, revoked: UUID) -> None:
        """Those of this session or API key."""
        for stream in self._open.pop(revoked, {}).values():
            stream.cut()
