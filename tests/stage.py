"""Sets a service up in this process as it would run, with a clock that tests move and a gateway that is a stand-in."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import select

from services.chassis.cache.memory import MemoryCache
from services.chassis.database import Database, open_database
from services.chassis.http.app import build_app
from services.chassis.http.health import Health
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.ids import uuid7
from services.chassis.outbox.tables import JOURNAL
from services.chassis.outbox.writing import to_message
from services.chassis.peers import Peers
from services.chassis.schema.upgrade import upgrade
from services.chassis.service import Platform, Service
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from services.chassis.wire.port import Call, Reply, Upstream, UpstreamError
from services.contracts.message import Event, Message
from tests.chassis.asker import Asker
from tests.chassis.fake_bus import FakeBus


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - keys are as old as their files.

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Answering:
    """A gateway's internal listener that answers as the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[Call], Reply] | None = None

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 16 * 1024 * 1024) -> Reply:
        del timeout_s, max_bytes
        self.asked.append(f"{call.method} {call.target}")
        if self.answer is None:
            raise UpstreamError("nobody is there", sent=False)
        return self.answer(call)

    async def close(self) -> None: ...


@dataclass(kw_only=True)
class Stage:
    """A service on its stage."""

    service: Service
    platform: Platform
    asker: Asker
    clock: MovedClock
    gateway: Answering

    @property
    def database(self) -> Database:
        return self.platform.database

    async def told(self, kind: type[Event]) -> list[Message]:
        """Events of this kind, oldest first."""
        outbox = JOURNAL.outbox
        query = select(outbox).where(outbox.c.kind == kind.kind).order_by(outbox.c.seq)
        async with self.database.reading() as connection:
            return [to_message(row) for row in await connection.execute(query)]

    async def hear(self, *messages: Message) -> None:
        """Handle these as the worker would, each in a unit of its own."""
        apply = {subscription.kind: subscription.apply for subscription in self.service.subscriptions}
        for message in messages:
            async with self.database.unit() as unit:
                await apply[message.kind](unit, message)

    async def run_timer(self, name: str) -> None:
        await next(timer for timer in self.service.timers if timer.name == name).run()


@asynccontextmanager
async def set_stage(name: str, url: str, folder: Path, build: Callable[[Platform], Service]) -> AsyncIterator[Stage]:
    """Migrates the database first."""
    await upgrade(name, url)
    clock, gateway = MovedClock(), Answering()
    asker = Asker(folder / "gateway", audience=name, clock=clock)
    platform = _platform(name, url, folder, clock=clock, gateway=gateway, asker=asker)
    service = build(platform)
    health = Health({})
    health.started = True
    asker.app = build_app(
        name,
        service.handlers,
        dependencies=service.dependencies,
        identities=platform.identities,
        keys=platform.keys,
        health=health,
        metrics=platform.metrics,
        traces=platform.traces,
    )
    await service.start()
    try:
        yield Stage(service=service, platform=platform, asker=asker, clock=clock, gateway=gateway)
    finally:
        await service.stop()
        await platform.cache.close()
        await platform.database.close()


def _platform(name: str, url: str, folder: Path, *, clock: MovedClock, gateway: Upstream, asker: Asker) -> Platform:
    make_key(folder / "keys")
    keys = KeyRing(folder / "keys")
    return Platform(
        database=open_database(url, clock=clock, ids=uuid7, pool_size=8),
        bus=FakeBus(),
        cache=MemoryCache(clock=clock),
        peers=Peers(gateway, service=name, keys=keys, clock=clock, ids=uuid7),
        identities=asker.check,
        keys=keys,
        clock=clock,
        ids=uuid7,
        metrics=Metrics(CollectorRegistry()),
        traces=Traces(),
    )
