"""The sandbox provider for tests: the whole service in process, with a clock to turn and a shop that can fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from litestar.types import ASGIApp
from msgspec import Struct
from prometheus_client import CollectorRegistry

from services.chassis.bus.port import Binding, DeadMessage, Handler
from services.chassis.cache.memory import MemoryCache
from services.chassis.database.engine import Database, open_database
from services.chassis.http.app import build_app
from services.chassis.http.health import Health
from services.chassis.identity.checking import IdentityCheck, Publics
from services.chassis.identity.keys import KeyRing
from services.chassis.ids import uuid7
from services.chassis.peers import Peers
from services.chassis.schema.upgrade import upgrade
from services.chassis.service import Platform, Service
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from services.chassis.wire.port import Call, Reply, UpstreamError
from services.chassis.wire.upstream import AsgiUpstream
from services.contracts.message import Message
from services.sandbox.app import build
from services.sandbox.settings import Settings

API_KEY = "sandbox-key-for-tests"
WEBHOOK_SECRET = "sandbox-webhook-secret"
Sleep = Callable[[float], Awaitable[object]]
START = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


class HandClock:
    """Stands still until turned."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, *, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Naps:
    """Sleeps that take no time, and are remembered."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


class FakeShop:
    """Takes webhooks, unless told to answer otherwise: a status each, or None for no answer."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[int | None] = []
        self.dies = False
        """Whether the provider's process ends while it waits for the shop."""

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 0) -> Reply:  # noqa: ARG002 - the port's.
        self.calls.append(call)
        if self.dies:
            raise ConnectionAbortedError
        status = self.answers.pop(0) if self.answers else 204
        if status is None:
            raise UpstreamError("no connection", sent=False)
        return Reply(status=status, headers=(), body=b"")

    async def close(self) -> None:
        return

    @property
    def news(self) -> list[dict[str, object]]:
        return [msgspec.json.decode(call.body, type=dict[str, object]) for call in self.calls]

    def heard(self) -> list[object]:
        return [news["type"] for news in self.news]


class SilentBus:
    """The provider announces nothing and hears nothing."""

    async def declare(self, bindings: Sequence[Binding]) -> None: ...

    async def publish(self, messages: Sequence[Message]) -> frozenset[UUID]:
        return frozenset(message.event_id for message in messages)

    async def consume(self, service: str, handle: Handler, *, prefetch: int = 32) -> None: ...

    async def listen(self, kinds: frozenset[str], handle: Handler) -> None: ...

    async def dead(self, service: str, *, limit: int = 100) -> Sequence[DeadMessage]:  # noqa: ARG002 - the port's.
        return ()

    async def redrive(self, service: str, *, limit: int = 1000) -> int:  # noqa: ARG002 - the port's.
        return 0

    async def ready(self) -> bool:
        return True

    async def close(self) -> None: ...


class Answer(Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    body: dict[str, object]


class SandboxLab:
    """One running provider and the hands to try it with."""

    def __init__(self, service: Service, app: ASGIApp, shop: FakeShop, clock: HandClock, naps: Naps) -> None:
        self.upstream = AsgiUpstream(app)
        self.shop = shop
        self.clock = clock
        self.naps = naps
        self._timers = {timer.name: timer.run for timer in service.timers}

    async def run(self, timer: str) -> None:
        await self._timers[timer]()

    async def ask(
        self, method: str, path: str, body: object = None, *, key: str | None = None, api_key: str = API_KEY
    ) -> Answer:
        headers = [(b"authorization", f"Bearer {api_key}".encode()), (b"content-type", b"application/json")]
        if key is not None:
            headers.append((b"idempotency-key", key.encode()))
        encoded = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        call = Call(method=method, target=f"/sandbox/v1{path}", headers=headers, body=encoded)
        reply = await self.upstream.call(call, timeout_s=10)
        return Answer(status=reply.status, body=msgspec.json.decode(reply.body, type=dict[str, object]))

    async def authorize(
        self, key: str, *, method: str = "tok_visa", minor: int = 1000, reference: str = "g-1"
    ) -> Answer:
        body = {"amount_minor": minor, "currency": "EUR", "token": method, "reference": reference}
        return await self.ask("POST", "/charges", body, key=key)

    async def captured(self, *, method: str = "tok_visa", minor: int = 1000, reference: str = "g-1") -> str:
        """The id of a charge that is captured whole."""
        mark = uuid7().hex
        made = await self.authorize(f"a-{mark}", method=method, minor=minor, reference=reference)
        charge_id = str(made.body["id"])
        await self.ask("POST", f"/charges/{charge_id}/capture", {"amount_minor": minor}, key=f"c-{mark}")
        return charge_id

    async def totals(self, reference: str = "g-1") -> dict[str, object]:
        answer = await self.ask("GET", f"/totals?reference={reference}")
        [row] = msgspec.convert(answer.body["items"], list[dict[str, object]])
        return row


def empty_books(folder: Path) -> Path:
    """A migrated SQLite file to copy: migrating takes longer than most tests."""
    path = folder / "sandbox.db"
    asyncio.run(upgrade("sandbox", f"sqlite:///{path}"))
    return path


def settings_of(url: str, folder: Path, *, webhook_url: str = "http://shop:8000/hooks/sandbox") -> Settings:
    """What the provider would read from its environment."""
    return Settings(
        database_url=url,
        keys_dir=folder / "keys",
        bus_url="sqlite:///unused",
        gateway_internal_url="http://unused:1",
        api_key=API_KEY,
        webhook_url=webhook_url,
        webhook_secret=WEBHOOK_SECRET,
    )


@asynccontextmanager
async def sandbox_lab(url: str, folder: Path, *, sleep: Sleep | None = None) -> AsyncIterator[SandboxLab]:
    """A provider on a migrated database; opening it again is a restart. Without `sleep`, sleeping takes no time."""
    await upgrade("sandbox", url)
    clock, naps, shop = HandClock(), Naps(), FakeShop()
    platform = platform_on(open_database(url, clock=clock, ids=uuid7), folder, clock)
    service = build(settings_of(url, folder), platform, shop=shop, sleep=sleep or naps)
    await service.start()
    app = build_app(
        service.name,
        service.handlers,
        dependencies=service.dependencies,
        identities=platform.identities,
        keys=platform.keys,
        health=Health({}),
        metrics=platform.metrics,
        traces=platform.traces,
    )
    lab = SandboxLab(service, app, shop, clock, naps)
    yield lab
    await lab.upstream.close()
    await service.stop()
    await platform.database.close()


def platform_on(database: Database, folder: Path, clock: HandClock) -> Platform:
    async def no_keys() -> Publics:
        return {}

    keys = KeyRing(folder / "keys")
    return Platform(
        database=database,
        bus=SilentBus(),
        cache=MemoryCache(clock=clock),
        peers=Peers(FakeShop(), service="sandbox", keys=keys, clock=clock, ids=uuid7),
        identities=IdentityCheck(audience="sandbox", keys=no_keys, clock=clock),
        keys=keys,
        clock=clock,
        ids=uuid7,
        metrics=Metrics(CollectorRegistry()),
        traces=Traces(),
    )
