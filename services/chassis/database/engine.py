"""One service's database: connections, units of work and prepared reads."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import asyncpg
import msgspec
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from services.chassis.clock import Clock
from services.chassis.database.away import name_absence
from services.chassis.database.encrypted import tls_arguments, without_tls
from services.chassis.database.prepared import Parameter, Prepared
from services.chassis.database.sqlite import connecting
from services.chassis.database.unit import Unit
from services.chassis.ids import Ids
from services.chassis.outbox.writing import OUTBOX, to_row

Row = TypeVar("Row")

STATEMENT_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 5


class Database:
    """Write through `unit`, read a single hot row set through `fetch`, read anything else through `reading`."""

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        *,
        clock: Clock,
        ids: Ids,
        headers: Callable[[], Mapping[str, str]],
        address: URL,
    ) -> None:
        """`headers` gives what every event of the current request carries along; see `open_database`."""
        self._address = address
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._ids = ids
        self._headers = headers
        self._driver: asyncpg.Pool[asyncpg.Record] | None = None
        self._driver_opening = asyncio.Lock()
        self.outbox_filled = asyncio.Event()
        """Set after each commit that left events; the relay or its notifier clears it."""

    @property
    def is_postgres(self) -> bool:
        """Whether this is PostgreSQL; else it is SQLite."""
        return self._writer.dialect.name == "postgresql"

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """A transaction: leaving it commits it with its events, an exception rolls all of it back."""
        async with self._writer.connect() as connection:
            unit = Unit(connection, now=self._clock(), ids=self._ids, headers=self._headers())
            yield unit
            unit.insert(OUTBOX, [to_row(message) for message in unit.recorded])
            if self.is_postgres and unit.is_one_statement:
                # It is a transaction by itself: BEGIN and COMMIT would be two round trips for nothing.
                unit.connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await unit.flush()
            await connection.commit()
        if unit.recorded:
            self.outbox_filled.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection outside any transaction: each statement sees what is committed when it runs."""
        async with self._reader.connect() as connection:
            yield connection

    async def fetch(self, query: Prepared[Row], /, **parameters: Parameter) -> list[Row]:
        """All rows of a hot read."""
        into = query.into
        if not self.is_postgres:
            async with self._reader.connect() as connection:
                return [into(*row) for row in await connection.execute(query.statement, dict(parameters))]
        pool = self._driver or await self._open_driver()
        return [into(*record) for record in await pool.fetch(query.sql, *query.arguments(parameters))]

    async def at_once(self, change: Prepared[Row], /, **parameters: Parameter) -> list[Row]:
        """All rows of a change that is one statement of PostgreSQL, and so a transaction by itself.

        One that divides by zero has refused itself: no rows, and nothing was changed. It may wait for locks, so it is
        among the connections of units, where no hot read queues behind it.
        """
        async with self._reader.connect() as connection:
            try:
                rows = await connection.exec_driver_sql(change.sql, tuple(change.arguments(parameters)))
            except DBAPIError as failed:
                if failed.orig is None or not isinstance(failed.orig.__cause__, asyncpg.DivisionByZeroError):
                    raise
                return []
            return [change.into(*row) for row in rows]

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self._reader.connect() as connection:
            await connection.exec_driver_sql("select 1")

    def pool_in_use(self) -> int:
        """Connections checked out for units right now."""
        status = self._writer.pool
        return int(getattr(status, "checkedout", int)())

    def driver_url(self) -> str:
        """What asyncpg connects to."""
        return self._address.set(drivername="postgresql").render_as_string(hide_password=False)

    async def close(self) -> None:
        """Close every connection."""
        if self._driver is not None:
            await self._driver.close()
        await self._reader.dispose()
        await self._writer.dispose()

    async def _open_driver(self) -> "asyncpg.Pool[asyncpg.Record]":
        async with self._driver_opening:
            if self._driver is None:
                self._driver = await asyncpg.create_pool(
                    self.driver_url(),
                    min_size=1,
                    max_size=_pool_size(self._reader),
                    init=_decode_json,
                    reset=_keep_session,
                    timeout=CONNECT_TIMEOUT_S,
                    command_timeout=STATEMENT_TIMEOUT_MS / 1000,
                )
        return self._driver


def open_database(
    url: str, *, clock: Clock, ids: Ids, headers: Callable[[], Mapping[str, str]] = dict, pool_size: int = 8
) -> Database:
    """Nothing connects yet. `url` is `postgresql://…`, with `?sslmode=verify-full&sslrootcert=…` where TLS is wanted,
    or `sqlite:///path`, with `?synchronous=off` where a power failure may take what was committed; `pool_size`
    connections for units and queries, and as many for prepared reads.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        writer, reader = _sqlite(address)
    else:
        writer, reader = _postgres(address, pool_size)
    return Database(writer, reader, clock=clock, ids=ids, headers=headers, address=address)


def _postgres(address: URL, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    settings = {"statement_timeout": str(STATEMENT_TIMEOUT_MS), "lock_timeout": "5000", "timezone": "UTC"}
    writer = create_async_engine(
        without_tls(address).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_use_lifo=True,
        connect_args={"timeout": CONNECT_TIMEOUT_S, "server_settings": settings, **tls_arguments(address)},
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    name_absence(writer)
    # A transaction round a single read would cost 35 to 50% more.
    return writer, writer.execution_options(isolation_level="AUTOCOMMIT")


def _sqlite(address: URL) -> tuple[AsyncEngine, AsyncEngine]:
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    synchronous = str(address.query.get("synchronous", "full"))
    address = address.set(drivername="sqlite+aiosqlite", query={})
    # SQLite has one writer; one connection queues units in order instead of letting them fail with "locked".
    connect = connecting(address.database or ":memory:")
    writer = create_async_engine(address, pool_size=1, max_overflow=0, pool_timeout=30, async_creator=connect)
    reader = create_async_engine(
        address, pool_size=2, max_overflow=0, async_creator=connect, isolation_level="AUTOCOMMIT"
    )
    for engine in (writer, reader):
        event.listen(engine.sync_engine, "connect", partial(_set_pragmas, synchronous))
    event.listen(writer.sync_engine, "begin", lambda connection: connection.exec_driver_sql("begin immediate"))
    return writer, reader


def _set_pragmas(synchronous: str, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=wal", f"synchronous={synchronous}", "foreign_keys=on", "cache_size=-2048"):
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def _pool_size(engine: AsyncEngine) -> int:
    return int(getattr(engine.pool, "size", int)())


async def _decode_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode)


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def _keep_session(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Prepared reads change no session state, and asyncpg's reset on release costs 30% of a read.
    return
