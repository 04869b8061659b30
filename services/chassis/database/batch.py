"""Writes that nobody reads within their unit, sent together.

On PostgreSQL every statement is a round trip, and a checkout would have a dozen. Rows that are only written are kept
until the unit ends and go as one statement, one JSON document a table. SQLite has no round trips and takes them one by
one. The parts of one statement do not see each other, so a table that is written a second time begins another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

RowValues = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Of one write. Without `key` it inserts; with it, it changes the rows whose key columns are equal."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Write:
    """Rows of one shape."""

    table: Table
    shape: Shape
    rows: list[RowValues]


class Batch:
    """What a unit is going to write, in the order in which it was asked for."""

    def __init__(self) -> None:
        self._statements: list[dict[str, Write]] = []

    def insert(self, table: Table, rows: Sequence[RowValues]) -> None:
        """New rows, all of the same columns."""
        self._keep(table, rows, ())

    def change(self, table: Table, rows: Sequence[RowValues], *, key: tuple[str, ...]) -> None:
        """Rows that exist, named by the columns of `key`; the others are set."""
        self._keep(table, rows, key)

    def _keep(self, table: Table, rows: Sequence[RowValues], key: tuple[str, ...]) -> None:
        if not rows:
            return
        shape = Shape(table=table.name, columns=tuple(rows[0]), key=key)
        last = self._statements[-1] if self._statements else None
        written = None if last is None else last.get(table.name)
        if written is not None and written.shape == shape and not key:
            written.rows.extend(rows)
        elif last is None or written is not None:
            self._statements.append({table.name: Write(table=table, shape=shape, rows=[*rows])})
        else:
            last[table.name] = Write(table=table, shape=shape, rows=[*rows])

    async def flush(self, connection: AsyncConnection) -> None:
        """Write what was kept, in the transaction of `connection`."""
        statements, self._statements = self._statements, []
        for writes in statements:
            if connection.dialect.name == "postgresql":
                await _write_together(connection, list(writes.values()))
            else:
                for write in writes.values():
                    await _write(connection, write.table, write.shape, write.rows)


async def _write_together(connection: AsyncConnection, writes: Sequence[Write]) -> None:
    statement = as_one_statement(tuple(write.shape for write in writes))
    await connection.exec_driver_sql(statement, tuple(_encode(write.rows) for write in writes))


async def _write(connection: AsyncConnection, table: Table, shape: Shape, rows: Sequence[RowValues]) -> None:
    if not shape.key:
        await connection.execute(insert(table), [dict(row) for row in rows])
        return
    changed = update(table).where(*(table.c[name] == bindparam(f"key_{name}") for name in shape.key))
    renamed = {name: f"key_{name}" if name in shape.key else name for name in shape.columns}
    await connection.execute(changed, [{renamed[name]: value for name, value in row.items()} for row in rows])


@lru_cache(maxsize=512)
def as_one_statement(shapes: tuple[Shape, ...]) -> str:
    """SQL for PostgreSQL; parameter n is the JSON of the n-th write's rows."""
    parts = [f"w{number} as ({_part(shape, number)})" for number, shape in enumerate(shapes, 1)]
    return f"with {', '.join(parts)} select 1"


def _part(shape: Shape, number: int) -> str:
    # Names come from table definitions, values travel as the parameter.
    source = f'json_populate_recordset(null::"{shape.table}", cast(${number} as text)::json) given'
    if not shape.key:
        names = ", ".join(f'"{name}"' for name in shape.columns)
        return f'insert into "{shape.table}" ({names}) select {names} from {source}'  # noqa: S608 - see above.
    new = ", ".join(f'"{name}" = given."{name}"' for name in shape.columns if name not in shape.key)
    same = " and ".join(f'kept."{name}" = given."{name}"' for name in shape.key)
    return f'update "{shape.table}" kept set {new} from {source} where {same}'  # noqa: S608 - see above.


def _encode(rows: Sequence[RowValues]) -> str:
    return msgspec.json.encode([{name: _as_json(value) for name, value in row.items()} for row in rows]).decode()


def _as_json(value: object) -> object:
    # PostgreSQL reads bytes in hexadecimal; msgspec would write them in base 64.
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value
