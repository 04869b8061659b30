"""From outbox to bus: at least once, in no promised order, never skipping a row that committed late."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Uuid, any_, bindparam, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.bus.port import Bus
from services.chassis.clock import Clock
from services.chassis.database.engine import Database
from services.chassis.database.types import UtcDateTime
from services.chassis.http.problems import DATABASE_AWAY
from services.chassis.outbox.writing import OUTBOX, to_message
from services.chassis.telemetry.metrics import Metrics
from services.contracts.message import Message

BATCH = 100
POLL_S = 1.0
GATHER_S = 0.03
"""Under load a publication costs less the more events it takes: those of so long go together."""
KEPT_FOR = timedelta(days=7)
"""Published rows stay this long, so that a wiped broker can be replayed."""
BACKOFF_MOST_S = 30
CHANNEL = "souk_outbox"
NOTIFY_PAUSE_S = 0.01


class Relay:
    """Publishes one service's outbox. Any number may run at once."""

    def __init__(self, database: Database, bus: Bus, *, service: str, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._published = metrics.published.labels(service)
        self._backlog = metrics.backlog.labels(service)
        self._oldest = metrics.oldest_s.labels(service)

    async def run(self) -> None:
        """Until cancelled. A database or broker that is away is waited for."""
        listener = asyncio.create_task(self._listen()) if self._database.is_postgres else None
        measure_at = time.monotonic()
        try:
            while True:
                with suppress(*DATABASE_AWAY):
                    await self.drain()
                    if time.monotonic() >= measure_at:
                        await self._measure()
                        measure_at = time.monotonic() + POLL_S
                await self._wait()
        finally:
            if listener is not None:
                listener.cancel()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._database.outbox_filled.wait()
            await asyncio.sleep(GATHER_S)

    async def drain(self) -> int:
        """Publish until nothing is due or nothing is taken; how many were published."""
        total = 0
        while True:
            self._database.outbox_filled.clear()
            offered, taken = await self._publish_batch()
            total += taken
            if taken < offered or offered < BATCH:
                return total

    async def _publish_batch(self) -> tuple[int, int]:
        async with self._database.unit() as unit:
            rows = await _due(unit.connection, self._clock())
            if not rows:
                return 0, 0
            taken = await self._bus.publish(rows)
            await _mark_published(unit.connection, taken, self._clock())
            refused = [row.event_id for row in rows if row.event_id not in taken]
            await _put_off(unit.connection, refused, self._clock())
        self._published.inc(len(taken))
        return len(rows), len(taken)

    async def _measure(self) -> None:
        waiting = OUTBOX.c.published_at.is_(None)
        query = select(func.count(), func.min(OUTBOX.c.created_at)).where(waiting)
        async with self._database.reading() as connection:
            count, oldest = (await connection.execute(query)).one()
        self._backlog.set(count)
        self._oldest.set((self._clock() - oldest).total_seconds() if oldest is not None else 0)

    async def _listen(self) -> None:
        """Turn NOTIFY into `outbox_filled`; the poll covers the time in which it is not connected."""
        while True:
            try:
                connection = await asyncpg.connect(self._database.driver_url(), timeout=POLL_S * 5)
                try:
                    await connection.add_listener(CHANNEL, self._wake)
                    await _termination(connection)
                finally:
                    connection.terminate()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                logging.getLogger(__name__).info("the outbox listener reconnects")
            await asyncio.sleep(POLL_S)

    def _wake(self, *_about: object) -> None:
        self._database.outbox_filled.set()


async def _termination(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _gone: lost.set())
    if not connection.is_closed():
        await lost.wait()


async def notify(database: Database) -> None:
    """Tell relays in other processes, until cancelled, that this process has filled the outbox.

    NOTIFY inside the transaction would serialise all commits on one lock; sent just after, and once for all commits of
    `NOTIFY_PAUSE_S`, it costs no flush. A notification lost with the process is made good by the relay's poll.
    """
    while True:
        await database.outbox_filled.wait()
        database.outbox_filled.clear()
        with suppress(*DATABASE_AWAY):
            async with database.reading() as connection:
                await connection.exec_driver_sql(f"notify {CHANNEL}")
        await asyncio.sleep(NOTIFY_PAUSE_S)


async def _due(connection: AsyncConnection, now: datetime) -> Sequence[Message]:
    columns = OUTBOX.c
    query = (
        select(OUTBOX)
        .where(columns.published_at.is_(None), columns.available_at <= now)
        .order_by(columns.available_at, columns.seq)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return [to_message(row) for row in await connection.execute(query)]


_MARK_ALL = (
    update(OUTBOX)
    .where(OUTBOX.c.event_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .values(published_at=bindparam("now", type_=UtcDateTime))
)


async def _mark_published(connection: AsyncConnection, ids: frozenset[UUID], now: datetime) -> None:
    if not ids:
        return
    if connection.dialect.name == "postgresql":
        # An array is one parameter, so that the statement is the same for any number.
        await connection.execute(_MARK_ALL, {"ids": list(ids), "now": now})
    else:
        await connection.execute(update(OUTBOX).where(OUTBOX.c.event_id.in_(ids)).values(published_at=now))


async def _put_off(connection: AsyncConnection, ids: Sequence[UUID], now: datetime) -> None:
    """Each refusal doubles the wait, up to `BACKOFF_MOST_S`."""
    if not ids:
        return
    tries = OUTBOX.c.attempts
    waits = [1, 2, 4, 8, 16]
    due = case(
        *((tries == made, now + timedelta(seconds=wait)) for made, wait in enumerate(waits)),
        else_=now + timedelta(seconds=BACKOFF_MOST_S),
    )
    refused = OUTBOX.c.event_id.in_(ids)
    values = {"attempts": tries + 1, "last_error": "the bus did not take it", "available_at": due}
    await connection.execute(update(OUTBOX).where(refused).values(values))


async def forget_published(database: Database, *, now: datetime) -> int:
    """Drop published rows older than `KEPT_FOR`; how many."""
    async with database.unit() as unit:
        result = await unit.connection.execute(delete(OUTBOX).where(OUTBOX.c.published_at < now - KEPT_FOR))
        return result.rowcount


async def replay_published(database: Database, *, since: datetime) -> int:
    """Mark everything published since then as unpublished, after a broker has lost its data; how many."""
    async with database.unit() as unit:
        again = OUTBOX.c.published_at >= since
        values = {"published_at": None, "attempts": 0, "available_at": OUTBOX.c.created_at}
        return (await unit.connection.execute(update(OUTBOX).where(again).values(values))).rowcount
