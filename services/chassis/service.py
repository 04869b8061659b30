"""What a service hands to whoever runs it, and what it is handed to stand on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from litestar.handlers import HTTPRouteHandler
from litestar.types import AnyCallable

from services.chassis.bus.port import Bus
from services.chassis.cache.port import Cache
from services.chassis.clock import Clock
from services.chassis.database.engine import Database
from services.chassis.http.health import Probe
from services.chassis.identity.checking import IdentityCheck
from services.chassis.identity.keys import KeyRing
from services.chassis.ids import Ids
from services.chassis.peers import Peers
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from services.chassis.worker import Subscription, Timer


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Everything outside a service that it may use, already opened."""

    database: Database
    bus: Bus
    cache: Cache
    peers: Peers
    identities: IdentityCheck
    keys: KeyRing
    clock: Clock
    ids: Ids
    metrics: Metrics
    traces: Traces


async def _nothing() -> None:
    return


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service, wired but not running."""

    name: str
    handlers: Sequence[HTTPRouteHandler] = ()
    dependencies: Mapping[str, AnyCallable] = field(default_factory=dict)
    """Injected into handlers by name."""
    subscriptions: Sequence[Subscription] = ()
    timers: Sequence[Timer] = ()
    probes: Mapping[str, Probe] = field(default_factory=dict)
    """Dependencies beyond the platform's that readiness waits for."""
    start: Callable[[], Awaitable[None]] = _nothing
    """Before the first request or message, in every role."""
    stop: Callable[[], Awaitable[None]] = _nothing
    """After the last one."""
