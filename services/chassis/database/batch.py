"""Writes that nobody reads within their unit, sent together.

On PostgreSQL every statement is a round trip, and a checkout would have a dozen. Rows that are only written are kept
until the unit ends and go as one statement, one JSON document a table. SQLite has no round trips and takes them one by
one. The parts of one statement do not see each other, so a table that is written a second time begins another one.
"""

from collections.abc import Sequence

import asyncpg
from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.writes import Write, as_one_statement, parameters


class Batch:
    """What a unit is going to write, in the order in which it was asked for."""

    def __init__(self) -> None:
        self._statements: list[list[Write]] = []

    @property
    def statements(self) -> int:
        """How many PostgreSQL will need."""
        return len(self._statements)

    def add(self, write: Write) -> None:
        """To the last statement where it can be, else to a new one."""
        if not write.rows:
            return
        last = self._statements[-1] if self._statements else []
        same = next((one for one in last if one.table.name == write.table.name), None)
        second = write.seen is not None and any(one.seen is not None for one in last)
        if same is not None and same.inserts and write.inserts and [*same.rows[0]] == [*write.rows[0]]:
            same.rows.extend(write.rows)
        elif last and same is None and not second:
            last.append(write)
        else:
            self._statements.append([write])

    async def flush(self, connection: AsyncConnection) -> None:
        """Write what was kept. Raises `otherwise` of a write that could not be."""
        statements, self._statements = self._statements, []
        for writes in statements:
            if connection.dialect.name == "postgresql":
                await _write_together(connection, writes)
            else:
                for write in writes:
                    await _write(connection, write)


async def _write_together(connection: AsyncConnection, writes: Sequence[Write]) -> None:
    statement = as_one_statement(tuple(write.shape for write in writes))
    try:
        await connection.exec_driver_sql(statement, parameters(writes))
    except DBAPIError as failed:
        refusal = _refusal(writes, failed)
        if refusal is None:
            raise
        raise refusal from failed


def _refusal(writes: Sequence[Write], failed: DBAPIError) -> Exception | None:
    match None if failed.orig is None else failed.orig.__cause__:
        case asyncpg.UniqueViolationError(table_name=table):
            return next((write.otherwise for write in writes if write.inserts and write.table.name == table), None)
        case asyncpg.DivisionByZeroError():
            return next((write.otherwise for write in writes if write.seen is not None), None)
        case _:
            return None


async def _write(connection: AsyncConnection, write: Write) -> None:
    if write.inserts:
        await _insert(connection, write)
    elif write.seen is None:
        await _change(connection, write)
    else:
        where = [write.table.c[name] == value for name, value in write.seen.items()]
        done = await connection.execute(update(write.table).where(*where).values(dict(write.rows[0])))
        if done.rowcount != 1 and write.otherwise is not None:
            raise write.otherwise


async def _insert(connection: AsyncConnection, write: Write) -> None:
    try:
        await connection.execute(insert(write.table), [dict(row) for row in write.rows])
    except IntegrityError as failed:
        if write.otherwise is None or "UNIQUE" not in str(failed.orig):
            raise
        raise write.otherwise from failed


async def _change(connection: AsyncConnection, write: Write) -> None:
    changed = update(write.table).where(*(write.table.c[name] == bindparam(f"key_{name}") for name in write.key))
    rows = [{f"key_{name}" if name in write.key else name: value for name, value in row.items()} for row in write.rows]
    await connection.execute(changed, rows)
