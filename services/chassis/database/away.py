"""Tells a database that is away or full of work from a statement that is wrong.

SQLAlchemy's asyncpg dialect calls most of PostgreSQL's errors by the barest name there is, `DBAPIError`: that of a
server which is just starting up no other than that of a value out of range.
"""

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

_AWAY = (
    "08",  # The connection was lost.
    "53",  # No connections, memory or disk are left.
    "55P03",  # A lock could not be had in time.
    "57",  # The server starts, stops or has ended the statement, for one because it took too long.
)
"""Beginnings of SQLSTATE codes."""


def name_absence(engine: AsyncEngine) -> None:
    """From now on, what statements and connecting raise because the server is away is an `OperationalError`."""
    event.listen(engine.sync_engine, "handle_error", _name)


def _name(context: ExceptionContext) -> OperationalError | None:
    cause = context.original_exception.__cause__
    if isinstance(cause, asyncpg.InternalClientError):
        # The server's farewell came unasked for, and what is asked next finds the client still reading it.
        context.is_disconnect = True
    elif not (isinstance(cause, asyncpg.PostgresError) and str(cause.sqlstate).startswith(_AWAY)):
        return None
    return OperationalError(
        context.statement,
        None,  # Values are nobody's business in a log.
        context.original_exception,
        connection_invalidated=context.is_disconnect,
    )
