"""One write to one table, and several of them as one statement of PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from sqlalchemy import Table

RowValues = Mapping[str, object]
Null = bool


@dataclass(frozen=True, kw_only=True)
class Shape:
    """All that the SQL of a write depends on."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    seen: tuple[tuple[str, Null], ...]
    single: bool
    """A row that is named alone is looked up by its index; of a set the planner expects a hundred, and scans."""


@dataclass(frozen=True, kw_only=True)
class Write:
    """Without `key` and `seen` it inserts."""

    table: Table
    rows: list[RowValues]
    """All of the same columns."""
    key: tuple[str, ...] = ()
    """It changes the rows whose columns of this name are equal."""
    seen: RowValues | None = None
    """It sets its one row's values where all of these still hold."""
    otherwise: Exception | None = None
    """What is raised when an inserted key is taken, or when what was seen does not hold any more."""

    @property
    def shape(self) -> Shape:
        """See `Shape`."""
        seen = tuple((name, value is None) for name, value in (self.seen or {}).items())
        columns, single = tuple(self.rows[0]), len(self.rows) == 1
        return Shape(table=self.table.name, columns=columns, key=self.key, seen=seen, single=single)

    @property
    def inserts(self) -> bool:
        """Whether its rows are new."""
        return not self.key and self.seen is None


def parameters(writes: Sequence[Write]) -> tuple[str, ...]:
    """For `as_one_statement` of the same writes: each one's rows as JSON, then what was seen."""
    encoded: list[str] = []
    for write in writes:
        encoded.append(_encode(write.rows[0] if len(write.rows) == 1 else write.rows))
        if write.seen is not None:
            encoded.append(_encode(write.seen))
    return tuple(encoded)


@lru_cache(maxsize=512)
def as_one_statement(shapes: tuple[Shape, ...]) -> str:
    """SQL that fails as a whole, dividing by zero, when what a compare-and-set has seen does not hold any more."""
    parts: list[str] = []
    parameter, compared = 1, ""
    for number, shape in enumerate(shapes, 1):
        parts.append(f"w{number} as ({_part(shape, parameter)})")
        parameter += 2 if shape.seen else 1
        if shape.seen:
            compared = f"1 / (select count(*) from w{number})"  # noqa: S608 - a number of ours.
    return f"with {', '.join(parts)} select {compared or 1}"


def _part(shape: Shape, parameter: int) -> str:
    # Names come from table definitions, values travel as parameters.
    source = _records(shape, parameter, "given")
    if not shape.key and not shape.seen:
        names = ", ".join(f'"{name}"' for name in shape.columns)
        return f'insert into "{shape.table}" ({names}) select {names} from {source}'  # noqa: S608 - see above.
    new = ", ".join(f'"{name}" = given."{name}"' for name in shape.columns if name not in shape.key)
    if shape.seen:
        source = f"{source}, {_records(shape, parameter + 1, 'seen')}"
        same = " and ".join(
            f'kept."{name}" is null' if null else f'kept."{name}" = seen."{name}"' for name, null in shape.seen
        )
    else:
        same = " and ".join(f'kept."{name}" = given."{name}"' for name in shape.key)
    return f'update "{shape.table}" kept set {new} from {source} where {same} returning 1'  # noqa: S608 - see above.


def _records(shape: Shape, parameter: int, name: str) -> str:
    reads = "json_populate_record" if shape.single else "json_populate_recordset"
    return f'{reads}(null::"{shape.table}", cast(${parameter} as text)::json) {name}'


def _encode(rows: RowValues | Sequence[RowValues]) -> str:
    as_json = _row(rows) if isinstance(rows, Mapping) else [_row(row) for row in rows]
    return msgspec.json.encode(as_json).decode()


def _row(row: RowValues) -> RowValues:
    return {name: _as_json(value) for name, value in row.items()}


def _as_json(value: object) -> object:
    # PostgreSQL reads bytes in hexadecimal; msgspec would write them in base 64.
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value
