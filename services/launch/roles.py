"""The three roles of a service: `api` answers requests, `worker` handles events and runs timers, `relay` publishes the
outbox. An embedded Souk plays all of them at once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from litestar.types import ASGIApp

from services.chassis.bus.port import Binding, Bus
from services.chassis.errors import Unavailable
from services.chassis.http.app import build_app
from services.chassis.http.health import Health
from services.chassis.outbox.relay import Relay, forget_published, notify
from services.chassis.service import Platform, Service
from services.chassis.worker import Timer, Worker
from services.contracts.listeners import LISTENERS
from services.launch.names import Role

Work = Callable[[], Awaitable[None]]

FORGET_EVERY_S = 3600.0


def app_of(service: Service, platform: Platform, health: Health) -> ASGIApp:
    """What answers over HTTP."""
    return build_app(
        service.name,
        service.handlers,
        dependencies=service.dependencies,
        identities=platform.identities,
        keys=platform.keys,
        health=health,
        metrics=platform.metrics,
        traces=platform.traces,
    )


def works_of(service: Service, platform: Platform) -> Mapping[Role, Work]:
    """What each role does besides answering."""
    database = platform.database
    relay = Relay(database, platform.bus, service=service.name, clock=platform.clock, metrics=platform.metrics)
    worker = Worker(service.name, database=database, bus=platform.bus, metrics=platform.metrics, traces=platform.traces)

    async def forget() -> None:
        await forget_published(database, now=platform.clock())

    async def work() -> None:
        timers = [*service.timers, Timer(name="forget_published", every_s=FORGET_EVERY_S, run=forget)]
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run(service.subscriptions, timers))
            group.create_task(notify_if_apart(platform))

    async def announce() -> None:
        await notify_if_apart(platform)

    return {"api": announce, "worker": work, "relay": relay.run}


async def notify_if_apart(platform: Platform) -> None:
    """Where the relay is another process, it is told by the database."""
    if platform.database.is_postgres:
        await notify(platform.database)


async def declare_queues(bus: Bus) -> None:
    """Every queue of every service, so that no event finds no taker, whoever starts first."""
    wanted = {service: frozenset(event.kind for event in events) for service, events in LISTENERS.items()}
    with suppress(Unavailable):  # Then they are made as soon as the broker is there.
        await bus.declare([Binding(service=service, kinds=kinds) for service, kinds in wanted.items()])


@asynccontextmanager
async def running(*works: Work, stop: asyncio.Event) -> AsyncIterator[None]:
    """Run these beside the block and cancel them after it; one that fails sets `stop`, and is raised at the end."""
    tasks = [asyncio.create_task(_as_coroutine(work)) for work in works]
    for task in tasks:
        task.add_done_callback(lambda done: None if done.cancelled() or done.exception() is None else stop.set())
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _as_coroutine(work: Work) -> None:
    await work()
