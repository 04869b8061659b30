"""Spares requests a server that does not answer: after a few failures nobody asks it until a probe gets through.

The probe runs beside the requests, so that in an outage none of them waits for a timeout.
"""

import asyncio
from collections.abc import Awaitable, Callable

FAILURES_TO_OPEN = 3
PROBE_PAUSE_S = 0.5

Probe = Callable[[], Awaitable[bool]]
"""Whether the server answers again; must be bounded in time and may not raise."""


class Breaker:
    """Closed while all is well."""

    def __init__(
        self, probe: Probe, *, failures_to_open: int = FAILURES_TO_OPEN, pause_s: float = PROBE_PAUSE_S
    ) -> None:
        self._probe = probe
        self._failures_to_open = failures_to_open
        self._pause_s = pause_s
        self._failures = 0
        self._probing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the server is taken to be away."""
        return self._probing is not None

    def succeeded(self) -> None:
        """A call was answered."""
        self._failures = 0

    def failed(self) -> None:
        """A call was not answered."""
        self._failures += 1
        if self._failures >= self._failures_to_open:
            self.trip()

    def trip(self) -> None:
        """Open at once."""
        if self._probing is None:
            self._probing = asyncio.create_task(self._probe_until_answered())

    async def close(self) -> None:
        """Stop probing."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)

    async def _probe_until_answered(self) -> None:
        while True:
            await asyncio.sleep(self._pause_s)
            if await self._probe():
                break
        self._failures = 0
        self._probing = None
