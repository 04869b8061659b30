"""Which exchanges are traced. Where no collector is set there is no `Tracing` at all, and nobody asks."""

import random

from services.chassis.telemetry.traces import OpenSpan, Traces
from services.gateway.proxy.incoming import Incoming

SAMPLED = frozenset(b"13579bdf")
"""Last digits of a traceparent whose lowest flag is set."""


class Tracing:
    """Of one listener. A span is opened for a share of the strangers' requests, and for those of trusted callers
    whose own trace is kept.
    """

    def __init__(self, traces: Traces, *, share: float, trusts: bool = False) -> None:
        self._traces = traces
        self._share = share
        self._trusts = trusts
        self._random = random.Random()  # noqa: S311 - who is sampled is no secret.

    def enter(self, incoming: Incoming) -> OpenSpan | None:
        """The span of a whole exchange; None for one that is not traced."""
        parent: str | None = None
        if self._trusts:
            told = incoming.held.get(b"traceparent", b"")
            if not told or told[-1] not in SAMPLED:
                return None
            parent = told.decode("latin-1")
        elif self._random.random() >= self._share:
            return None
        return self._traces.open(f"{incoming.method} gateway", parent, **{"http.request.method": incoming.method})
