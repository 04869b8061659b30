"""All of Souk in one process, on SQLite files: the same services, rules and events as on real servers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from litestar.types import ASGIApp

import services.gateway.app
from services.chassis.bus.port import Bus
from services.chassis.clock import Clock, utc_now
from services.chassis.http.health import Health
from services.chassis.identity.checking import Publics
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.opening import Surroundings, close_platform, open_bus, open_platform
from services.chassis.schema.upgrade import upgrade
from services.chassis.service import Platform, Service
from services.chassis.serving import Server, bind, make_server, port_of, serve
from services.chassis.settings import read_settings
from services.chassis.telemetry.metrics import Metrics, registry_of_process
from services.chassis.wire.asgi import AsgiCarrier
from services.gateway.app import Gateway
from services.gateway.proxy.inside import Inside
from services.gateway.proxy.serving import websocket_end
from services.gateway.settings import Settings
from services.launch.blueprints import configure
from services.launch.environment import Ports, environment_of
from services.launch.folder import hold
from services.launch.names import NAMES
from services.launch.roles import Work, app_of, declare_queues, running, works_of
from services.launch.secrets import Secrets, keep_secrets

LOOPBACK = "127.0.0.1"
START_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an embedded Souk keeps its data and listens; port 0 takes a free one."""

    data: Path
    host: str = LOOPBACK
    port: int = 0
    draft: bool = False
    """Whether it is made anew when something goes wrong, so that nothing waits for the disk."""


class Whole:
    """What is being put together: services, their platforms, and what is to run beside them."""

    def __init__(self, place: Place, ports: Ports, clock: Clock, stack: AsyncExitStack) -> None:
        self.ports = ports
        self.secrets: Secrets = keep_secrets(place.data / "secrets.json")
        self.metrics = Metrics(registry_of_process())
        self.apps: dict[str, ASGIApp] = {}
        self.works: list[Work] = []
        self.health = Health({})
        self._place = place
        self._stack = stack
        self._inside = Inside()
        self._keys = KeyRing(place.data / "keys" / "gateway")
        self._around = Surroundings(
            bus=self._open_bus(),
            gateway=self._inside,
            gateway_keys=self._publics,
            metrics=self.metrics,
            clock=clock,
        )

    async def add_services(self) -> None:
        """Every service but the gateway."""
        for name in NAMES:
            configured = configure(name, self._environment(name))
            await upgrade(name, configured.settings.database_url)
            platform = open_platform(name, configured.settings, self._around)
            await self._add(configured.build(platform), platform)
        await declare_queues(self._around.bus)

    async def add_gateway(self) -> Gateway:
        """In front of all that has been added."""
        settings = read_settings(Settings, self._environment("gateway"))
        await upgrade("gateway", settings.database_url)
        platform = open_platform("gateway", settings, self._around)
        carriers = {name: in_process(app) for name, app in self.apps.items()}
        gateway = services.gateway.app.build(settings, platform, carriers, self._inside)
        await self._add(gateway.service, platform)
        gateway.own.serve_with(self.apps["gateway"])
        self.works += gateway.works
        return gateway

    async def _add(self, service: Service, platform: Platform) -> None:
        self._stack.push_async_callback(close_platform, platform)
        self._stack.push_async_callback(service.stop)
        await service.start()
        self.apps[service.name] = app_of(service, platform, self.health)
        works = works_of(service, platform)
        self.works += [works["worker"], works["relay"]]

    def _environment(self, name: str) -> Mapping[str, str]:
        folder = self._place.data / "keys" / name
        if not any(folder.glob("*.pem")):
            make_key(folder)
        return environment_of(name, self._place.data, self.secrets, self.ports, draft=self._place.draft)

    def _open_bus(self) -> Bus:
        bus = open_bus(f"sqlite:///{self._place.data}/bus.db")
        self._stack.push_async_callback(bus.close)
        return bus

    async def _publics(self) -> Publics:
        return self._keys.publics()


def in_process(app: ASGIApp) -> AsgiCarrier:
    """The way to a service that runs here too."""
    return AsgiCarrier(app, websockets=websocket_end)


@asynccontextmanager
async def embedded(place: Place, *, clock: Clock = utc_now, drain_s: float = 10.0) -> AsyncIterator[Whole]:
    """Souk, listening, for as long as the block runs; then drained. Raises `CannotStart`."""
    async with AsyncExitStack() as stack:
        stack.enter_context(hold(place.data))
        public = stack.enter_context(bind(place.host, place.port))
        provider = stack.enter_context(bind(LOOPBACK, 0))
        whole = Whole(place, Ports(public=port_of(public), sandbox=port_of(provider)), clock, stack)
        await whole.add_services()
        gateway = await whole.add_gateway()
        front = make_server(whole.apps["gateway"], drain_s=drain_s, protocol=gateway.public)
        bank = make_server(whole.apps["sandbox"], drain_s=1)
        stop = asyncio.Event()
        async with running(*whole.works, stop=stop):
            serving = [
                asyncio.create_task(serve(front, public, whole.health, stop)),
                asyncio.create_task(serve(bank, provider, Health({}), stop)),
            ]
            await _until_started(front, bank)
            whole.health.started = True
            try:
                yield whole
            finally:
                stop.set()
                await asyncio.gather(*serving)


async def _until_started(*servers: Server) -> None:
    async with asyncio.timeout(START_S):
        while not all(server.started for server in servers):  # noqa: ASYNC110 - uvicorn has no event for it.
            await asyncio.sleep(0.005)
