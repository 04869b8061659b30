"""Wiring: two listeners on one set of upstreams, and the gateway's own routes behind them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network

from litestar.types import ASGIApp, Receive, Scope, Send

from services.chassis.clock import Clock, utc_now
from services.chassis.identity.checking import keys_over_http
from services.chassis.service import Platform, Service
from services.chassis.wire.asgi import AsgiCarrier
from services.chassis.wire.carrier import Carrier
from services.chassis.wire.origin import read_origin
from services.chassis.wire.pool import Pool
from services.chassis.wire.upstream import CarriedUpstream
from services.chassis.worker import Timer, Worker
from services.gateway.actions import counting, overriding, revoking
from services.gateway.actions.documents import Documents
from services.gateway.actions.overriding import Known
from services.gateway.api import HANDLERS, Desk
from services.gateway.clients import Auth, CallerKeys, Reader, fetch_document
from services.gateway.domain.limits import Rule
from services.gateway.domain.overrides import Overrides
from services.gateway.domain.routes import admitted, lead
from services.gateway.domain.standing import Standing
from services.gateway.edges import EDGES, INTERNAL_OWN, MINUTE, PURGES, ROUTES
from services.gateway.events import on_broadcast
from services.gateway.proxy.caching import ResponseCache
from services.gateway.proxy.caller_door import CallerDoor
from services.gateway.proxy.cors import Cors
from services.gateway.proxy.doors import PublicDoor
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.inside import Inside
from services.gateway.proxy.journal import Journal
from services.gateway.proxy.keeping import Reading
from services.gateway.proxy.lanes import Lanes, Target, standing_of
from services.gateway.proxy.limiting import ADDRESS, KEY, USER, Limits, Settling
from services.gateway.proxy.listening import Bounds, Listening
from services.gateway.proxy.metering import Meter
from services.gateway.proxy.minting import Minter
from services.gateway.proxy.serving import protocol_for
from services.gateway.proxy.tracing import Tracing
from services.gateway.settings import Settings

NAME = "gateway"
REFRESH_EVERY_S = 5.0
WRITE_DOWN_EVERY_S = 10.0

Work = Callable[[], Awaitable[None]]


class OwnApp:
    """The gateway's own application: a service like the others, but known last."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def serve_with(self, app: ASGIApp) -> None:
        """From now on `app` answers."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if self._app is None:
            raise RuntimeError("the gateway's own application is not there yet")
        await self._app(scope, receive, send)


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Ready to listen. Its own application is made of `service` and then given to `own`."""

    service: Service
    own: OwnApp
    public: type[asyncio.Protocol]
    """For `uvicorn.Config(http=…)` of the outer listener."""
    internal: type[asyncio.Protocol]
    """The same for the inner one."""
    works: Sequence[Work]
    """What every process of the gateway does beside listening, until cancelled."""


@dataclass(frozen=True, kw_only=True)
class _Reach:
    """Everything behind the gateway."""

    targets: Mapping[str, Target]
    canaries: Mapping[str, Target]
    upstreams: Mapping[str, CarriedUpstream]


@dataclass(frozen=True, kw_only=True)
class _Front:
    """The public side."""

    gate: Gate
    lanes: Lanes
    limits: Limits
    door: PublicDoor
    settling: Settling | None

    def apply(self, overrides: Overrides) -> None:
        """What staff have overridden."""
        self.lanes.apply(overrides)
        self.limits.apply(overrides)


def carriers_of(settings: Settings) -> dict[str, Carrier]:
    """Over the network, by service."""
    urls = {
        "auth": settings.auth_url,
        "users": settings.users_url,
        "items": settings.items_url,
        "orders": settings.orders_url,
    }
    return {service: Pool(read_origin(url)) for service, url in urls.items()}


def build(settings: Settings, platform: Platform, carriers: Mapping[str, Carrier], inside: Inside) -> Gateway:
    """`inside` is what services in this process ask each other through; the platform's `peers` should use it too."""
    own, outside = OwnApp(), Inside()
    reach = _reach(settings, {**carriers, NAME: AsgiCarrier(own)})
    front = _open_front(settings, platform, reach)
    inner, callers = _open_inner(platform, reach)
    outside.open_to(front.gate)
    inside.open_to(inner)
    trusted = [ip_network(network.strip()) for network in settings.trusted_proxies.split(",") if network.strip()]
    ledger = front.settling.ledger if front.settling else None
    bounds = Bounds()
    return Gateway(
        service=_service(platform, reach, front, outside),
        own=own,
        public=protocol_for(Listening(front.gate, bounds, trusted=trusted, ledger=ledger)),
        internal=protocol_for(Listening(inner, bounds)),
        works=_works(platform, front, callers),
    )


def _reach(settings: Settings, carriers: Mapping[str, Carrier]) -> _Reach:
    canaries = {
        "auth": settings.auth_canary_url,
        "users": settings.users_canary_url,
        "items": settings.items_canary_url,
        "orders": settings.orders_canary_url,
    }
    return _Reach(
        targets={service: Target(service, carrier) for service, carrier in carriers.items()},
        canaries={service: Target(service, Pool(read_origin(url))) for service, url in canaries.items() if url},
        upstreams={service: CarriedUpstream(carrier) for service, carrier in carriers.items()},
    )


def _open_front(settings: Settings, platform: Platform, reach: _Reach) -> _Front:
    meter = Meter("public", platform.metrics.registry)
    _watch(meter, reach)
    settling = Settling(platform.cache) if settings.redis_url else None
    ledger = settling.ledger if settling else None
    door = PublicDoor(
        keys_over_http(reach.upstreams["auth"]),
        Auth(platform.peers),
        ledger=ledger,
        wall=_wall(platform.clock),
    )
    lanes = Lanes(ROUTES, reach.targets, meter, canaries=reach.canaries)
    limits = Limits(
        Rule(name=ADDRESS, burst=settings.address_limit, per_s=MINUTE),
        Rule(name=USER, burst=settings.user_limit, per_s=MINUTE),
        Rule(name=KEY, burst=settings.key_limit, per_s=MINUTE),
    )
    gate = Gate(
        lanes.table,
        door,
        Minter(platform.keys, now=_wall(platform.clock)),
        meter,
        limits=limits,
        reading=Reading(ResponseCache(bytes_most=settings.cache_bytes)),
        cors=Cors(frozenset(origin.strip() for origin in settings.cors_origins.split(",") if origin.strip())),
        journal=Journal(every=settings.log_every),
        trace_share=settings.trace_share,
        tracing=Tracing(platform.traces, share=settings.trace_share) if platform.traces.on else None,
    )
    return _Front(gate=gate, lanes=lanes, limits=limits, door=door, settling=settling)


def _wall(clock: Clock) -> Callable[[], float]:
    """The platform's time in Unix seconds, by which tokens are made and judged."""
    if clock is utc_now:
        return time.time  # The same time for a tenth of the price: every request looks at it twice.
    return lambda: clock().timestamp()


def _watch(meter: Meter, reach: _Reach) -> None:
    def read(tell: Callable[[Standing], float]) -> Callable[[], list[tuple[str, float]]]:
        return lambda: [(one.service, tell(one)) for one in standing_of(reach.targets, {})]

    meter.gauge("circuit_open", "1 while a service is left alone", read(lambda one: float(one.circuit != "closed")))
    meter.gauge("under_way", "Calls under way", read(lambda one: float(one.under_way)))
    meter.gauge("under_way_most", "Calls that may be under way", read(lambda one: float(one.limit)))


def _open_inner(platform: Platform, reach: _Reach) -> tuple[Gate, CallerDoor]:
    meter = Meter("internal", platform.metrics.registry)
    callers = CallerKeys({service: keys_over_http(upstream) for service, upstream in reach.upstreams.items()})
    lanes = Lanes([*INTERNAL_OWN, *lead(EDGES)], reach.targets, meter, exact=True)
    door = CallerDoor(callers, platform.keys, admitted(EDGES), wall=_wall(platform.clock))
    gate = Gate(
        lanes.table,
        door,
        Minter(platform.keys, now=_wall(platform.clock)),
        meter,
        limits=Limits(),
        reading=Reading(ResponseCache()),
        journal=Journal(every=0),
        trusts_trace=True,
        tracing=Tracing(platform.traces, share=0.0, trusts=True) if platform.traces.on else None,
    )
    return gate, door


def _service(platform: Platform, reach: _Reach, front: _Front, outside: Inside) -> Service:
    told = {route.service for route in ROUTES}
    sources = {service: partial(fetch_document, reach.upstreams[service]) for service in told}
    desk = Desk(
        database=platform.database,
        documents=Documents(sources, front.lanes.leads),
        reads=Reader(outside),
        known=Known(paths=front.lanes.paths, limits=front.lanes.limits | front.limits.names),
        apply=front.apply,
        standing=partial(standing_of, reach.targets, reach.canaries),
    )

    async def start() -> None:
        await overriding.refresh(platform.database, front.apply)

    async def stop() -> None:
        await counting.write_down(platform.database, front.door.visitors, platform.clock)
        for canary in reach.canaries.values():
            await canary.carrier.close()

    return Service(name=NAME, handlers=HANDLERS, dependencies={"desk": lambda: desk}, start=start, stop=stop)


def _works(platform: Platform, front: _Front, callers: CallerDoor) -> Sequence[Work]:
    database, clock, auth = platform.database, platform.clock, Auth(platform.peers)
    kinds, hear = on_broadcast(PURGES, forget=front.gate.reading.cache.purge, revoke=front.door.revoke, clock=clock)
    timers = [
        Timer(
            name="refresh_overrides", every_s=REFRESH_EVERY_S, run=partial(overriding.refresh, database, front.apply)
        ),
        Timer(
            name="write_usage",
            every_s=WRITE_DOWN_EVERY_S,
            run=partial(counting.write_down, database, front.door.visitors, clock),
        ),
        # Keys are published long before they sign, so none is new when a token comes.
        Timer(name="learn_keys", every_s=REFRESH_EVERY_S, run=front.door.learn_keys),
        Timer(name="learn_callers", every_s=REFRESH_EVERY_S, run=callers.learn_keys),
        # What a broadcast told while this process was not connected.
        Timer(name="learn_revocations", every_s=REFRESH_EVERY_S, run=partial(revoking.learn, auth, front.door.revoke)),
    ]
    worker = Worker(NAME, database=database, bus=platform.bus, metrics=platform.metrics, traces=platform.traces)
    works: list[Work] = [partial(worker.run, (), timers), partial(platform.bus.listen, kinds, hear)]
    if front.settling is not None:
        works.append(front.settling.run)
    return works
