"""The driver of SQLite, with one step to its thread for each statement.

aiosqlite takes four: to open a cursor, to execute, to fetch, to close. Embedded, where every service has threads of
its own, those steps were most of what a request cost.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Self

import aiosqlite
from msgspec import Struct

BUSY_S = 10.0
"""How long a statement waits for another connection's transaction."""

Rows = list[tuple[object, ...]]


class _Done(Struct, frozen=True):
    description: Sequence[tuple[str, None, None, None, None, None, None]] | None
    rowcount: int
    lastrowid: int | None
    rows: Rows


class Cursor:
    """As far as SQLAlchemy uses one. Its statement has ended before anybody asks for rows."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._done = _Done(None, -1, None, [])

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Sequence[tuple[str, None, None, None, None, None, None]] | None:
        """The columns, None for a statement without."""
        return self._done.description

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Of the last insert."""
        return self._done.lastrowid

    async def execute(self, sql: str, parameters: Sequence[object] = ()) -> Self:
        """Once."""
        self._done = await self._connection.run(partial(_execute, sql=sql, parameters=parameters))
        return self

    async def executemany(self, sql: str, parameters: Sequence[Sequence[object]]) -> Self:
        """For each of these."""
        self._done = await self._connection.run(partial(_execute_many, sql=sql, parameters=parameters))
        return self

    async def fetchall(self) -> Rows:
        """All of them."""
        return self._done.rows

    async def close(self) -> None:
        """Nothing is left open."""


class Connection(aiosqlite.Connection):
    """One connection and its thread, which does not keep the process from ending."""

    def __init__(self, path: str) -> None:
        connect = partial(sqlite3.connect, path, isolation_level=None, timeout=BUSY_S)
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True

    def cursor(self) -> Cursor:  # type: ignore[override]
        """Opens nothing yet, which is why nobody has to wait for it."""
        return Cursor(self)

    async def run(self, work: Callable[[sqlite3.Connection], _Done]) -> _Done:
        """In the thread."""
        done: _Done = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return done

    async def rollback(self) -> None:
        """SQLAlchemy asks for it whenever a connection comes back, which seldom has anything to roll back."""
        if self.in_transaction:
            await super().rollback()


def connecting(path: str) -> Callable[[], Awaitable[Connection]]:
    """What opens connections to a file."""

    async def connect() -> Connection:
        connection = Connection(path)
        _ = await connection
        return connection

    return connect


def _execute(connection: sqlite3.Connection, *, sql: str, parameters: Sequence[object]) -> _Done:
    return _end(connection.execute(sql, parameters))


def _execute_many(connection: sqlite3.Connection, *, sql: str, parameters: Sequence[Sequence[object]]) -> _Done:
    return _end(connection.executemany(sql, parameters))


def _end(cursor: sqlite3.Cursor) -> _Done:
    rows = cursor.fetchall() if cursor.description else []
    done = _Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    cursor.close()
    return done
