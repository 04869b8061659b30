"""A SQLite connection and the one thread that uses it.

A search is several statements in one snapshot; run as one function in the thread it costs one switch instead of one a
statement, and a cancelled caller cannot leave a transaction open.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from services.chassis.search.errors import SearchAway

Answer = TypeVar("Answer")
BUSY_TIMEOUT_S = 10.0
_UNREADABLE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Lane:
    """Work is done one after the other. Nothing is opened before the first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"search-{path.stem}")

    async def run(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What `work` returns. Raises `SearchAway` when the file cannot be used."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._work, work))

    async def close(self) -> None:
        """Finish what was begun and close the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _work(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            if self._connection is None:
                self._connection = _open(self._path)
            return work(self._connection)
        except (sqlite3.OperationalError, OSError) as away:
            raise SearchAway(f"the search index cannot be used: {away}") from away
        except sqlite3.DatabaseError as fault:
            if getattr(fault, "sqlite_errorcode", None) not in _UNREADABLE:
                raise
            raise SearchAway(f"the search index cannot be read: {fault}") from fault

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "deferred") -> Iterator[None]:
    """`immediate` to write. Committed at the end, rolled back by an exception."""
    connection.execute(f"begin {kind}")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    for pragma in ("journal_mode=wal", "synchronous=full", "temp_store=memory", "cache_size=-4096"):
        connection.execute(f"pragma {pragma}")
    return connection
