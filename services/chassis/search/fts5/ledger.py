"""Which generation of an index is searched, and which one is being built."""

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from services.chassis.search.errors import RebuildOvertaken
from services.chassis.search.fts5.generation import Generation
from services.chassis.search.fts5.lane import transaction
from services.chassis.search.port import Document, IndexShape
from services.chassis.search.projection import Projection, project

TOMBSTONES_KEPT_S = 7 * 86_400
"""As long as an outbox may replay an event."""

_CREATE = """
create table if not exists ledger(
  one integer primary key check (one = 1), searched integer not null, built integer, latest integer not null, shape text
)
"""


def searched(connection: sqlite3.Connection) -> Generation:
    """The generation that answers."""
    return Generation(connection, connection.execute("select searched from ledger").fetchone()[0])


def prepare(connection: sqlite3.Connection, shape: IndexShape) -> None:
    """Make the index; one of another shape is made anew from its own documents."""
    wanted = msgspec.json.encode(shape, order="deterministic").decode()
    with transaction(connection, "immediate"):
        connection.execute(_CREATE)
        row = connection.execute("select shape from ledger").fetchone()
        if row is None:
            Generation(connection, 1).create(shape)
            connection.execute("insert into ledger values (1, 1, null, 1, ?)", (wanted,))
        elif row[0] != wanted:
            _reshape(connection, shape)
            connection.execute("update ledger set shape = ?", (wanted,))


def write(connection: sqlite3.Connection, change: Callable[[Generation], None]) -> None:
    """Do it to the generation that is searched, and to the one that is being built."""
    with transaction(connection, "immediate"):
        for number in connection.execute("select searched, built from ledger").fetchone():
            if number is not None:
                change(Generation(connection, number))


def begin_building(connection: sqlite3.Connection, shape: IndexShape, *, now: float) -> int:
    """A new, empty generation, told of all that was removed; one that was left unfinished goes."""
    with transaction(connection, "immediate"):
        unfinished, latest = connection.execute("select built, latest from ledger").fetchone()
        if unfinished is not None:
            Generation(connection, unfinished).drop()
        fresh = Generation(connection, latest + 1)
        fresh.create(shape)
        fresh.adopt_tombstones(searched(connection), since=now - TOMBSTONES_KEPT_S)
        connection.execute("update ledger set built = ?, latest = ?", (fresh.number, fresh.number))
    return fresh.number


def build(connection: sqlite3.Connection, number: int, projections: Sequence[Projection]) -> None:
    """Add to the generation that is being built. Raises `RebuildOvertaken`."""
    with transaction(connection, "immediate"):
        _require_built(connection, number)
        for projection in projections:
            Generation(connection, number).save(projection)


def switch(connection: sqlite3.Connection, number: int) -> None:
    """From now on search this one; the one before goes. Raises `RebuildOvertaken`."""
    with transaction(connection, "immediate"):
        _require_built(connection, number)
        before = searched(connection)
        connection.execute("update ledger set searched = ?, built = null", (number,))
        before.drop()


def abandon(connection: sqlite3.Connection, number: int) -> None:
    """Give up building, unless somebody else builds by now."""
    with transaction(connection, "immediate"):
        if connection.execute("select built from ledger").fetchone()[0] == number:
            Generation(connection, number).drop()
            connection.execute("update ledger set built = null")


def _require_built(connection: sqlite3.Connection, number: int) -> None:
    if connection.execute("select built from ledger").fetchone()[0] != number:
        raise RebuildOvertaken("a later rebuild has begun")


def _reshape(connection: sqlite3.Connection, shape: IndexShape) -> None:
    unfinished, latest = connection.execute("select built, latest from ledger").fetchone()
    before, fresh = searched(connection), Generation(connection, latest + 1)
    fresh.create(shape)
    known = shape.text.keys() | shape.keyword | shape.number | shape.stored
    for document in before.documents():
        kept = {field: value for field, value in document.fields.items() if field in known}
        fresh.save(project(Document(id=document.id, version=document.version, fields=kept), shape))
    fresh.adopt_tombstones(before, since=0)
    before.drop()
    if unfinished is not None:
        Generation(connection, unfinished).drop()
    connection.execute("update ledger set searched = ?, built = null, latest = ?", (fresh.number, fresh.number))
