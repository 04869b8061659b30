"""`/health/live`, `/health/ready`, `/health/started`: what an orchestrator asks.

Live never waits for a dependency: a restart does not mend somebody else's fault. Ready does, and turns false while
draining, so that traffic goes elsewhere first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from services.chassis.http.access import OUTSIDE

PROBE_TIMEOUT_S = 2.0

Probe = Callable[[], Awaitable[None]]
"""Raises when the dependency cannot serve."""


class HealthReport(Struct, frozen=True, kw_only=True):
    """`ok`, or the name of each dependency that is not."""

    status: str
    failing: list[str] = []


class Health:
    """What this process would answer."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self.started = False
        self.draining = False

    async def ready(self) -> HealthReport:
        """Asks every dependency at once."""
        if self.draining or not self.started:
            return HealthReport(status="draining" if self.draining else "starting")
        names = list(self._probes)
        answers = await asyncio.gather(*(self._ask(name) for name in names))
        failing = [name for name, well in zip(names, answers, strict=True) if not well]
        return HealthReport(status="failing" if failing else "ok", failing=failing)

    async def _ask(self, name: str) -> bool:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                await self._probes[name]()
        except Exception:  # noqa: BLE001 - whatever a dependency raises, it is not ready, and the report names it.
            return False
        return True


def health_routes(health: Health) -> list[HTTPRouteHandler]:
    """The three routes."""

    @get("/health/live", opt=OUTSIDE, include_in_schema=False, sync_to_thread=False)
    def live() -> HealthReport:
        return HealthReport(status="ok")

    @get("/health/ready", opt=OUTSIDE, include_in_schema=False)
    async def ready() -> Response[HealthReport]:
        report = await health.ready()
        return Response(report, status_code=200 if report.status == "ok" else 503)

    @get("/health/started", opt=OUTSIDE, include_in_schema=False, sync_to_thread=False)
    def started() -> Response[HealthReport]:
        status = "ok" if health.started else "starting"
        return Response(HealthReport(status=status), status_code=200 if health.started else 503)

    return [live, ready, started]
