"""Work that no request waits for: events handled once, and jobs that run again and again."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from opentelemetry.trace import SpanKind

from services.chassis.bus.port import Bus, Poison
from services.chassis.database.engine import Database
from services.chassis.database.unit import Unit
from services.chassis.errors import SoukError, Unavailable
from services.chassis.outbox.inbox import first_time
from services.chassis.telemetry.context import begin, served
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from services.contracts.message import Event, Message

Happened = TypeVar("Happened", bound=Event)
Apply = Callable[[Unit, Message], Awaitable[None]]
PREFETCH = 32


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One kind of event and what it does here, inside one unit of work."""

    kind: str
    apply: Apply


def on(event: type[Happened], handle: Callable[[Unit, Happened, Message], Awaitable[None]]) -> Subscription:
    """Hand every `event` to `handle`, decoded. A service handles a kind once."""
    decoder = msgspec.json.Decoder(event)

    async def apply(unit: Unit, message: Message) -> None:
        try:
            happened = decoder.decode(message.payload)
        except msgspec.DecodeError as unreadable:
            raise Poison(f"{message.kind} cannot be read: {unreadable}") from unreadable
        await handle(unit, happened, message)

    return Subscription(kind=event.kind, apply=apply)


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A job every `every_s` seconds, in every worker: it must bear running twice at once."""

    name: str
    every_s: float
    run: Callable[[], Awaitable[object]]


class Worker:
    """One service's consumer and timers."""

    def __init__(self, service: str, *, database: Database, bus: Bus, metrics: Metrics, traces: Traces) -> None:
        self._service = service
        self._database = database
        self._bus = bus
        self._metrics = metrics
        self._traces = traces
        self._log = logging.getLogger(__name__)

    async def run(self, subscriptions: Sequence[Subscription], timers: Sequence[Timer]) -> None:
        """Until cancelled."""
        by_kind = {subscription.kind: subscription.apply for subscription in subscriptions}

        async def handle(message: Message) -> None:
            await self._handle(by_kind, message)

        async with asyncio.TaskGroup() as group:
            if by_kind:
                group.create_task(self._bus.consume(self._service, handle, prefetch=PREFETCH))
            for timer in timers:
                group.create_task(self._repeat(timer))

    async def _handle(self, by_kind: dict[str, Apply], message: Message) -> None:
        came_with = begin(request_id=message.headers.get("request_id"), traceparent=message.headers.get("traceparent"))
        with self._traces.span(message.kind, came_with, SpanKind.CONSUMER) as now:
            token = served.set(now)
            try:
                outcome = await self._apply_once(by_kind, message)
            except Poison:
                self._metrics.events.labels(self._service, message.kind, "poison").inc()
                raise
            finally:
                served.reset(token)
        self._metrics.events.labels(self._service, message.kind, outcome).inc()

    async def _apply_once(self, by_kind: dict[str, Apply], message: Message) -> str:
        apply = by_kind.get(message.kind)
        if apply is None:
            return "not_wanted"  # A binding of an older release may still deliver it.
        try:
            async with self._database.unit() as unit:
                if not await first_time(unit, consumer=self._service, event_id=message.event_id):
                    return "repeated"
                await apply(unit, message)
        except Unavailable:
            raise
        except SoukError as refused:
            raise Poison(f"{refused.code}: {refused.detail}") from refused
        return "handled"

    async def _repeat(self, timer: Timer) -> None:
        seconds = self._metrics.timers.labels(self._service, timer.name)
        failures = self._metrics.timer_failures.labels(self._service, timer.name)
        while True:
            # Spread, so that the workers of a service do not all look at once.
            await asyncio.sleep(timer.every_s * random.uniform(0.8, 1.2))  # noqa: S311 - no secret depends on it.
            started = time.perf_counter()
            try:
                await timer.run()
            except Exception as failed:  # noqa: BLE001 - it is counted, alerted on, and run again at its next turn.
                failures.inc()
                self._log.exception("a timer failed", extra={"timer": timer.name}, exc_info=failed)
            seconds.observe(time.perf_counter() - started)
