"""From settings to a platform: which database, bus and cache stand behind the ports is decided here alone.

A process imports only what it uses, which is why some imports stand where they are used.
"""

from dataclasses import dataclass

from sqlalchemy.engine import make_url

from services.chassis.bus.port import Bus
from services.chassis.cache.on_demand import CacheOnDemand
from services.chassis.cache.port import Cache
from services.chassis.clock import Clock, utc_now
from services.chassis.database.engine import open_database
from services.chassis.identity.checking import IdentityCheck, KeySource, keys_over_http
from services.chassis.identity.keys import KeyRing
from services.chassis.ids import Ids, uuid7
from services.chassis.imports import left_out
from services.chassis.peers import Peers
from services.chassis.service import Platform
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry.context import headers
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import start_traces
from services.chassis.wire.origin import read_origin
from services.chassis.wire.port import Upstream
from services.chassis.wire.upstream import TcpUpstream


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the services of one process share."""

    bus: Bus
    gateway: Upstream
    gateway_keys: KeySource
    metrics: Metrics
    clock: Clock = utc_now
    ids: Ids = uuid7


def surroundings_of(settings: ServiceSettings) -> Surroundings:
    """A process of its own: everything else is reached over the network."""
    gateway = TcpUpstream(read_origin(settings.gateway_internal_url))
    return Surroundings(
        bus=open_bus(settings.bus_url), gateway=gateway, gateway_keys=keys_over_http(gateway), metrics=Metrics()
    )


def open_bus(url: str) -> Bus:
    """`amqp://…` is RabbitMQ, `sqlite:///path` the embedded queue."""
    if url.startswith("sqlite:"):
        path = make_url(url).database
        if path is None:
            raise ValueError(f"{url} names no file")
        from services.chassis.bus.embedded import EmbeddedBus

        return EmbeddedBus(path)
    from services.chassis.bus.rabbit import RabbitBus

    return RabbitBus(url)


def open_cache(service: str, redis_url: str | None, *, clock: Clock) -> Cache:
    """Redis where an address is given, else this process's memory."""
    if redis_url is None:
        from services.chassis.cache.memory import MemoryCache

        return MemoryCache(clock=clock)

    def connect() -> Cache:
        # The client would load OpenTelemetry's metrics, which nobody collects here.
        with left_out("opentelemetry.sdk"):
            from services.chassis.cache.redis import RedisCache, connect_redis
        return RedisCache(connect_redis(redis_url), service=service, clock=clock)

    return CacheOnDemand(connect)


def open_platform(name: str, settings: ServiceSettings, around: Surroundings) -> Platform:
    """Nothing connects before it is used."""
    keys = KeyRing(settings.keys_dir, activation_s=settings.keys_activation_s)
    return Platform(
        database=open_database(
            settings.database_url, clock=around.clock, ids=around.ids, headers=headers, pool_size=settings.database_pool
        ),
        bus=around.bus,
        cache=open_cache(name, settings.redis_url, clock=around.clock),
        peers=Peers(around.gateway, service=name, keys=keys, clock=around.clock, ids=around.ids),
        identities=IdentityCheck(audience=name, keys=around.gateway_keys, clock=around.clock),
        keys=keys,
        clock=around.clock,
        ids=around.ids,
        metrics=around.metrics,
        traces=start_traces(name, endpoint=settings.otlp_endpoint, environment=settings.environment),
    )


async def close_platform(platform: Platform) -> None:
    """Let go of what belongs to this service alone."""
    await platform.cache.close()
    await platform.database.close()
    platform.traces.close()
