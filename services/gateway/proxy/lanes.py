"""Routes made ready to run: each with its upstream, its patience, its counters and what staff have overridden."""

from collections.abc import Iterable, Mapping

from services.chassis.wire.carrier import Carrier, Patience
from services.gateway.domain.breaker import Breaker
from services.gateway.domain.concurrency import Concurrency
from services.gateway.domain.limits import Rule
from services.gateway.domain.overrides import Canary
from services.gateway.domain.retries import RetryBudget
from services.gateway.domain.routes import By, Route
from services.gateway.domain.visitors import Field
from services.gateway.proxy.metering import Meter, Series
from services.gateway.proxy.routing import Table

TIMEOUT = b"x-souk-timeout-ms"


class Target:
    """A service, or the canary of one, and how well it does."""

    __slots__ = ("breaker", "budget", "carrier", "concurrency", "service")

    def __init__(self, service: str, carrier: Carrier) -> None:
        self.service = service
        self.carrier = carrier
        self.breaker = Breaker()
        self.concurrency = Concurrency()
        self.budget = RetryBudget()


class Lane:
    """One route at work. What staff may override is not final here: see `Lanes.override`."""

    __slots__ = (
        "by_address",
        "by_visitor",
        "canary",
        "canary_target",
        "closed_s",
        "methods",
        "path",
        "patience",
        "route",
        "series",
        "target",
        "timeout",
    )

    def __init__(self, route: Route, target: Target, meter: Meter) -> None:
        self.route = route
        self.path = route.path
        self.methods = route.methods
        self.target = target
        self.canary_target: Target | None = None
        self.canary: Canary | None = None
        self.closed_s: int | None = None
        """Set while under maintenance: when to come back."""
        self.patience = Patience(
            head_s=route.timeout_s,
            idle_s=route.timeout_s,
            total_s=float("inf") if route.streams else route.timeout_s,
        )
        self.timeout: Field = (TIMEOUT, b"%d" % int(route.timeout_s * 1000))
        self.by_address: tuple[Rule, ...] = tuple(limit.rule for limit in route.limits if limit.by is By.ADDRESS)
        self.by_visitor: tuple[Rule, ...] = tuple(limit.rule for limit in route.limits if limit.by is By.VISITOR)
        self.series: Mapping[str, Series] = {method: meter.series(route.path, method) for method in route.methods}


def lay(routes: Iterable[Route], targets: Mapping[str, Target], meter: Meter) -> Table[Lane]:
    """The lanes of all routes. Raises KeyError for a route whose service cannot be reached at all."""
    return Table(Lane(route, targets[route.service], meter) for route in routes)
