"""Every row of every database of an embedded Souk, as one digest a table, to see that nothing was left behind."""

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path


def digests(data: Path) -> Mapping[str, str]:
    """`orders.carts` → the digest of its rows, whatever their order."""
    return {f"{path.stem}.{table}": told for path in sorted(data.glob("*.db")) for table, told in _tables(path)}


def _tables(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return [(str(name), _digest(connection, str(name))) for (name,) in listed]


def _digest(connection: sqlite3.Connection, table: str) -> str:
    rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - the name is the database's own.
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
