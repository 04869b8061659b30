"""The request or message being served, known to everything that runs for it without being passed along."""

import os
from collections.abc import Mapping
from contextvars import ContextVar

from msgspec import Struct

TRACEPARENT_LENGTH = 55


class Served(Struct, frozen=True):
    """Where the work at hand comes from. `traceparent` is W3C Trace Context, of the span that is open here."""

    request_id: str
    traceparent: str
    identity: str | None = None
    """The identity token it came with, to be shown when it needs another service."""


NOTHING = Served("-", "")
served: ContextVar[Served] = ContextVar("served", default=NOTHING)


def begin(*, request_id: str | None, traceparent: str | None, identity: str | None = None) -> Served:
    """The caller's identifiers where they are well formed, fresh ones otherwise."""
    trace = _well_formed(traceparent) or f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00"
    return Served(request_id or os.urandom(12).hex(), trace, identity)


def headers() -> Mapping[str, str]:
    """What calls and events carry on."""
    now = served.get()
    return {} if now is NOTHING else {"request_id": now.request_id, "traceparent": now.traceparent}


def _well_formed(traceparent: str | None) -> str | None:
    if traceparent is None or len(traceparent) != TRACEPARENT_LENGTH or not traceparent.startswith("00-"):
        return None
    return traceparent
