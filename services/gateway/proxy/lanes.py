"""Routes made ready to run: each with its upstream, its patience, its counters and what staff have overridden."""

from collections.abc import Iterable, Mapping

from services.chassis.wire.carrier import Carrier, Patience
from services.gateway.domain.breaker import Breaker
from services.gateway.domain.concurrency import Concurrency
from services.gateway.domain.limits import Rule
from services.gateway.domain.overrides import Canary, Overrides
from services.gateway.domain.refusals import AmbiguousTarget, NoSuchRoute
from services.gateway.domain.retries import RetryBudget
from services.gateway.domain.routes import By, Route
from services.gateway.domain.standing import Standing
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
    """One route at work. What staff may override is set by `Lanes.apply`."""

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
        "varies",
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
        named = () if route.cache is None else route.cache.vary
        self.varies = frozenset(name.encode() for name in named)
        """Request headers that a shared answer may depend on."""
        self.timeout: Field = (TIMEOUT, b"%d" % int(route.timeout_s * 1000))
        self.by_address = _rules(route, By.ADDRESS, {})
        self.by_visitor = _rules(route, By.VISITOR, {})
        self.series: Mapping[str, Series] = {method: meter.series(route.path, method) for method in route.methods}


class Lanes:
    """All of a listener's."""

    def __init__(
        self,
        routes: Iterable[Route],
        targets: Mapping[str, Target],
        meter: Meter,
        *,
        canaries: Mapping[str, Target] | None = None,
        exact: bool = False,
    ) -> None:
        """Raises KeyError for a route whose service cannot be reached at all."""
        self._lanes = [Lane(route, targets[route.service], meter) for route in routes]
        self.table: Table[Lane] = Table(self._lanes, exact=exact)
        for lane in self._lanes:
            lane.canary_target = (canaries or {}).get(lane.route.service)

    @property
    def paths(self) -> frozenset[str]:
        """What can be overridden."""
        return frozenset(lane.path for lane in self._lanes)

    @property
    def limits(self) -> frozenset[str]:
        """The names of limits that routes draw on."""
        return frozenset(limit.rule.name for lane in self._lanes for limit in lane.route.limits)

    def leads(self, path: str, method: str) -> bool:
        """Whether a request like this would be carried; `path` may hold names in braces."""
        try:
            return method in self.table.find(path.replace("{", "").replace("}", "").encode()).rows
        except (NoSuchRoute, AmbiguousTarget):
            return False

    def apply(self, overrides: Overrides) -> None:
        """As staff will have it; what is not overridden is as the table says."""
        routes = {override.path: override for override in overrides.routes}
        rules = {override.name: override.rule for override in overrides.limits}
        for lane in self._lanes:
            override = routes.get(lane.path)
            lane.closed_s = None if override is None else override.closed_s
            lane.canary = None if override is None else override.canary
            lane.by_address = _rules(lane.route, By.ADDRESS, rules)
            lane.by_visitor = _rules(lane.route, By.VISITOR, rules)


def _rules(route: Route, by: By, overridden: Mapping[str, Rule]) -> tuple[Rule, ...]:
    return tuple(overridden.get(limit.rule.name, limit.rule) for limit in route.limits if limit.by is by)


def standing_of(targets: Mapping[str, Target], canaries: Mapping[str, Target]) -> list[Standing]:
    """Of all, by name."""
    listed = [(target, False) for target in targets.values()] + [(target, True) for target in canaries.values()]
    return [
        Standing(
            service=target.service,
            canary=canary,
            circuit=target.breaker.state.value,
            under_way=target.concurrency.under_way,
            limit=int(target.concurrency.limit),
        )
        for target, canary in sorted(listed, key=lambda entry: (entry[0].service, entry[1]))
    ]
