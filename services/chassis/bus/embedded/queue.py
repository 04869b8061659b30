"""The file the embedded bus keeps its messages in, and all its SQL.

One row is one message on its way to one service. It goes when it was handled, and stays with a time of death when it
was given up. Who works on which row is not in the file: a process that was killed worked on nothing any more.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import aiosqlite
import msgspec
from msgspec import Struct

from services.chassis.bus.handling import DELIVERY_LIMIT
from services.chassis.bus.port import DeadMessage
from services.contracts.message import Message

_BUSY_S = 10.0
_SCHEMA = """
create table if not exists delivery (
    id integer primary key,
    service text not null,
    event_id text not null,
    kind text not null,
    schema_version integer not null,
    aggregate_id text not null,
    aggregate_version integer not null,
    occurred_at text not null,
    payload blob not null,
    headers text not null,
    due_ms integer not null,
    tries integer not null default 0,
    deliveries integer not null default 0,
    died_ms integer,
    reason text,
    unique (service, event_id)
);
create index if not exists delivery_due on delivery (service, due_ms, id) where died_ms is null;
create index if not exists delivery_dead on delivery (service, died_ms, id) where died_ms is not null;
"""
_ADD = """
insert into delivery (service, event_id, kind, schema_version, aggregate_id, aggregate_version, occurred_at, payload,
                      headers, due_ms)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (service, event_id) do nothing
"""
_TAKE = """
update delivery set deliveries = deliveries + 1 where id in (
    select id from delivery
    where service = ? and died_ms is null and due_ms <= ? and id not in (select value from json_each(?))
    order by due_ms, id limit ?
) returning *
"""
_FINISH = "delete from delivery where id = ?"
_PUT_OFF = "update delivery set due_ms = ?, tries = tries + 1, deliveries = 0, reason = ? where id = ?"
_BURY = "update delivery set died_ms = ?, reason = ? where id = ?"
_DEAD = "select * from delivery where service = ? and died_ms is not null order by died_ms, id limit ?"
_REVIVE = """
update delivery set died_ms = null, reason = null, tries = 0, deliveries = 0, due_ms = ? where id in (
    select id from delivery where service = ? and died_ms is not null order by died_ms, id limit ?
) returning id
"""


class Delivery(Struct, frozen=True, kw_only=True):
    """A message that one service is to handle now."""

    row_id: int
    message: Message
    tries: int
    """How many have failed before."""
    killed_too_often: bool
    """Its handler was cut off in every delivery so far: it is to die without another."""


class Queue:
    """Two connections: what is published is flushed to the disk, what becomes of it is not, since a repetition after
    a power failure is allowed and a loss is not. A killed process loses neither.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._connections: tuple[aiosqlite.Connection, aiosqlite.Connection] | None = None
        self._lock = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._closed = False

    async def add(self, rows: Sequence[tuple[str, Message]], now: datetime) -> None:
        """A row for each service and message, all or none; one that is there already stays as it is."""
        if rows:
            # Cancelled in the middle, it would leave a transaction open.
            await asyncio.shield(asyncio.ensure_future(self._add([_row(*row, now) for row in rows])))

    async def take(self, service: str, *, under_way: Iterable[int], now: datetime, most: int) -> list[Delivery]:
        """What is due, beside the rows that are being handled."""
        busy = msgspec.json.encode(list(under_way)).decode()
        async with self._settling() as connection:
            rows = await connection.execute_fetchall(_TAKE, (service, _ms(now), busy, most))
        return [_delivery(row) for row in sorted(rows, key=lambda row: (row["due_ms"], row["id"]))]

    async def finish(self, row_id: int) -> None:
        """It was handled."""
        await self._change(_FINISH, row_id)

    async def put_off(self, row_id: int, *, until: datetime, reason: str) -> None:
        """The try failed."""
        await self._change(_PUT_OFF, _ms(until), reason, row_id)

    async def bury(self, row_id: int, *, now: datetime, reason: str) -> None:
        """It is given up."""
        await self._change(_BURY, _ms(now), reason, row_id)

    async def dead(self, service: str, limit: int) -> list[DeadMessage]:
        """The longest dead first."""
        async with self._settling() as connection:
            rows = await connection.execute_fetchall(_DEAD, (service, limit))
        return [DeadMessage(message=_message(row), reason=row["reason"], died_at=_time(row["died_ms"])) for row in rows]

    async def revive(self, service: str, limit: int, now: datetime) -> int:
        """The longest dead first; how many."""
        async with self._settling() as connection:
            return len(list(await connection.execute_fetchall(_REVIVE, (_ms(now), service, limit))))

    async def ping(self) -> None:
        """Raises `sqlite3.Error` when the file cannot be read."""
        async with self._settling() as connection:
            await connection.execute_fetchall("select 1 from delivery limit 1")

    async def close(self) -> None:
        """What is under way ends first; what comes later raises `sqlite3.Error`."""
        async with self._lock, self._opening:
            connections, self._connections, self._closed = self._connections or (), None, True
            for connection in connections:
                await connection.close()

    async def _add(self, rows: list[tuple[str | int | bytes, ...]]) -> None:
        async with self._lock:
            connection, _ = await self._opened()
            await connection.execute("begin immediate")
            try:
                await connection.executemany(_ADD, rows)
                await connection.execute("commit")
            except BaseException:
                await connection.execute("rollback")
                raise

    async def _change(self, statement: str, *parameters: str | int) -> None:
        async with self._settling() as connection:
            await connection.execute(statement, parameters)

    @asynccontextmanager
    async def _settling(self) -> AsyncIterator[aiosqlite.Connection]:
        """For single statements: each is a transaction of its own, so that being cancelled leaves nothing open."""
        async with self._lock:
            _, connection = await self._opened()
            yield connection

    async def _opened(self) -> tuple[aiosqlite.Connection, aiosqlite.Connection]:
        # Cancelled in the middle, it would leave the thread of a connection behind.
        if self._connections is None:
            return await asyncio.shield(asyncio.ensure_future(self._open()))
        return self._connections

    async def _open(self) -> tuple[aiosqlite.Connection, aiosqlite.Connection]:
        async with self._opening:
            if self._closed:
                raise sqlite3.ProgrammingError("the queue file is closed")
            if self._connections is None:
                await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
                publishing = await _connect(self._path, synchronous="full")
                await publishing.executescript(_SCHEMA)
                self._connections = publishing, await _connect(self._path, synchronous="normal")
            return self._connections


async def _connect(path: Path, *, synchronous: str) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None, timeout=_BUSY_S)
    connection.row_factory = sqlite3.Row
    await connection.execute_fetchall("pragma journal_mode = wal")
    await connection.execute_fetchall(f"pragma synchronous = {synchronous}")
    return connection


def _row(service: str, message: Message, now: datetime) -> tuple[str | int | bytes, ...]:
    return (
        service,
        str(message.event_id),
        message.kind,
        message.schema_version,
        message.aggregate_id,
        message.aggregate_version,
        message.occurred_at.isoformat(),
        message.payload,
        msgspec.json.encode(message.headers).decode(),
        _ms(now),
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        row_id=row["id"],
        message=_message(row),
        tries=row["tries"],
        killed_too_often=row["deliveries"] > DELIVERY_LIMIT + 1,
    )


def _message(row: sqlite3.Row) -> Message:
    return Message(
        event_id=UUID(row["event_id"]),
        kind=row["kind"],
        schema_version=row["schema_version"],
        aggregate_id=row["aggregate_id"],
        aggregate_version=row["aggregate_version"],
        occurred_at=datetime.fromisoformat(row["occurred_at"]),
        payload=row["payload"],
        headers=msgspec.json.decode(row["headers"], type=dict[str, str]),
    )


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
