"""Hot reads: a Core select compiled once and run as a prepared statement on the driver's own connection.

SQLAlchemy writes the SQL from the tables, so it cannot drift from them, and stays out of the way at run time
(Core costs 2.5 times the driver's CPU for a list of 20).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Select, TextClause
from sqlalchemy.dialects.postgresql.asyncpg import dialect as postgres_dialect

Row = TypeVar("Row")
Parameter = object


def single(value: Row) -> Row:
    """`into` for a select of one column: the value itself."""
    return value


class Prepared(Generic[Row]):
    """A statement whose columns, in order, are the arguments of `into`.

    Parameters are `bindparam`s of fixed number (no expanding IN), given in the driver's own types.
    """

    def __init__(self, statement: Select[tuple[object, ...]] | TextClause, into: Callable[..., Row]) -> None:
        self.statement = statement
        self.into = into
        compiled = statement.compile(dialect=postgres_dialect())  # type: ignore[no-untyped-call]
        self.sql = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._fixed = dict(compiled.params)

    def arguments(self, parameters: Mapping[str, Parameter]) -> list[Parameter]:
        """The parameters in the order of the compiled SQL. Raises KeyError for one the statement does not have."""
        unknown = parameters.keys() - self._fixed.keys()
        if unknown:
            raise KeyError(f"the statement has no parameter {sorted(unknown)}")
        return [parameters[name] if name in parameters else self._fixed[name] for name in self._names]
