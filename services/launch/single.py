"""One service in one role against real servers: what a container runs. It answers probes and shows its metrics."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from litestar.types import ASGIApp

from services.chassis.http.health import Health
from services.chassis.identity.checking import Publics
from services.chassis.identity.keys import KeyRing
from services.chassis.memory import keep_what_is_loaded
from services.chassis.opening import Surroundings, close_platform, open_platform, surroundings_of
from services.chassis.service import Platform, Service
from services.chassis.serving import bind, make_server, serve, until_told_to_stop
from services.chassis.settings import ServiceSettings, read_settings
from services.chassis.telemetry.logs import start_logging
from services.chassis.telemetry.metrics import serve_metrics
from services.launch.blueprints import configure
from services.launch.names import Name, Role, Runnable
from services.launch.roles import Work, app_of, declare_queues, running, works_of

Lend = Callable[[ASGIApp], None]


def _keep(_app: ASGIApp) -> None:
    """Most applications are nobody else's business."""


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A port, and what takes the place of plain HTTP there."""

    port: int
    protocol: type[asyncio.Protocol] | None = None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A service that could run now."""

    service: Service
    platform: Platform
    settings: ServiceSettings
    listeners: Sequence[Listener]
    works: Sequence[Work] = ()
    """What answering needs beside it."""
    lend: Lend = _keep
    """Who else needs the application."""


async def run_service(name: Runnable, role: Role, environ: Mapping[str, str]) -> None:
    """Until told to stop. Raises `WrongSettings`, `PortTaken`, and what ended its work before that."""
    async with AsyncExitStack() as stack:
        opened = _open_gateway(environ, stack) if name == "gateway" else _open(name, environ, stack)
        start_logging(name, level=opened.settings.log_level)
        stack.callback(serve_metrics(opened.platform.metrics, opened.settings.metrics_port))
        stack.push_async_callback(opened.service.stop)
        await opened.service.start()
        await declare_queues(opened.platform.bus)
        await _run(opened, role, stack)


def _open(name: Name, environ: Mapping[str, str], stack: AsyncExitStack) -> Opened:
    configured = configure(name, environ)
    settings = configured.settings
    around = surroundings_of(settings)
    stack.push_async_callback(around.gateway.close)
    platform = _open_platform(name, settings, around, stack)
    listeners = [Listener(port=settings.port)]
    return Opened(service=configured.build(platform), platform=platform, settings=settings, listeners=listeners)


def _open_gateway(environ: Mapping[str, str], stack: AsyncExitStack) -> Opened:
    from services.gateway import app as gateway_app
    from services.gateway.proxy.inside import Inside
    from services.gateway.settings import Settings

    settings = read_settings(Settings, environ)
    inside, keys = Inside(), KeyRing(settings.keys_dir, activation_s=settings.keys_activation_s)

    async def publics() -> Publics:
        return keys.publics()

    around = replace(surroundings_of(settings), gateway=inside, gateway_keys=publics)
    platform = _open_platform("gateway", settings, around, stack)
    carriers = gateway_app.carriers_of(settings)
    gateway = gateway_app.build(settings, platform, carriers, inside)
    for carrier in carriers.values():
        stack.push_async_callback(carrier.close)
    return Opened(
        service=gateway.service,
        platform=platform,
        settings=settings,
        listeners=[
            Listener(port=settings.port, protocol=gateway.public),
            Listener(port=settings.internal_port, protocol=gateway.internal),
        ],
        works=gateway.works,
        lend=gateway.own.serve_with,
    )


def _open_platform(name: str, settings: ServiceSettings, around: Surroundings, stack: AsyncExitStack) -> Platform:
    platform = open_platform(name, settings, around)
    stack.push_async_callback(close_platform, platform)
    stack.push_async_callback(platform.bus.close)
    return platform


async def _run(opened: Opened, role: Role, stack: AsyncExitStack) -> None:
    platform, settings, answering = opened.platform, opened.settings, role == "api"
    health = Health({"database": platform.database.ping, **opened.service.probes})
    app = app_of(opened.service if answering else Service(name=opened.service.name), platform, health)
    opened.lend(app)
    listeners = opened.listeners if answering else [Listener(port=settings.port)]
    sockets = [stack.enter_context(bind(settings.host, listener.port)) for listener in listeners]
    servers = [make_server(app, drain_s=settings.drain_s, protocol=listener.protocol) for listener in listeners]
    works = [works_of(opened.service, platform)[role], *(opened.works if answering else ())]
    with until_told_to_stop() as stop:
        async with running(*works, stop=stop), asyncio.TaskGroup() as group:
            keep_what_is_loaded()
            health.started = True
            for server, listening in zip(servers, sockets, strict=True):
                group.create_task(serve(server, listening, health, stop))
