"""One generation of an index: its tables, and how documents get in and out of them. Which generation counts is not
decided here.

Removed documents leave a tombstone, so that a save that comes late cannot bring them back.
"""

import sqlite3
from collections.abc import Iterator, Mapping

import msgspec

from services.chassis.search.port import Document, IndexShape, Value
from services.chassis.search.projection import Projection

FIELDS = msgspec.json.Decoder(dict[str, Value])

# Every name ends in _N, which becomes the number of the generation.
_CREATE = """
create table entry_N(
  doc integer primary key, id text not null unique, version integer not null, gone_at real, fields blob,
  suggestion text, suggestion_length integer, suggestion_words text
);
create table keyword_N(doc integer, field text, value text, primary key(doc, field, value)) without rowid;
create index keyword_value_N on keyword_N(field, value, doc);
create table number_N(doc integer, field text, value integer, primary key(doc, field)) without rowid;
"""
_WORDS = "create virtual table words_N using fts5(COLUMNS, prefix='1 2 3', tokenize='unicode61 remove_diacritics 0')"
_SPELLING = "create virtual table spelling_N using fts5vocab('words_N', 'row')"
_TABLES = ("spelling_N", "words_N", "number_N", "keyword_N", "entry_N")
_SAVE = """
insert into entry_N(id, version, gone_at, fields, suggestion, suggestion_length, suggestion_words)
values (:id, :version, :gone_at, :fields, :suggestion, length(:suggestion), :suggestion_words)
on conflict(id) do update set version = excluded.version, gone_at = excluded.gone_at, fields = excluded.fields,
  suggestion = excluded.suggestion, suggestion_length = excluded.suggestion_length,
  suggestion_words = excluded.suggestion_words
where excluded.version > entry_N.version
returning doc
"""
_FORGET = (
    "delete from words_N where rowid = ?",
    "delete from keyword_N where doc = ?",
    "delete from number_N where doc = ?",
)


class Generation:
    """Tables of one number. Works inside whatever transaction is open."""

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        self.number = number
        self._connection = connection

    def sql(self, text: str) -> str:
        """`text` with this generation's table names."""
        return text.replace("_N", f"_{self.number}")

    def execute(self, text: str, parameters: Mapping[str, object] | tuple[object, ...] = ()) -> sqlite3.Cursor:
        """Run one statement on these tables."""
        return self._connection.execute(self.sql(text), parameters)

    def create(self, shape: IndexShape) -> None:
        """Make the tables, empty."""
        for statement in _CREATE.split(";"):
            self.execute(statement)
        fields = columns(shape)
        self.execute(_WORDS.replace("COLUMNS", ", ".join(f"text_{at}" for at in range(len(fields)))))
        self.execute(_SPELLING)
        weights = ", ".join(str(float(shape.text[field])) for field in fields)
        self.execute("insert into words_N(words_N, rank) values ('rank', ?)", (f"bm25({weights})",))

    def drop(self) -> None:
        """Remove the tables, if they are there."""
        for table in _TABLES:
            self.execute(f"drop table if exists {table}")

    def save(self, projection: Projection) -> None:
        """Without effect unless the version is above the stored one."""
        doc = self._write(
            projection.id,
            projection.version,
            fields=msgspec.json.encode(projection.fields),
            suggestion=projection.suggestion,
            suggestion_words=projection.suggestion_words,
        )
        if doc is not None:
            self._write_parts(doc, projection)

    def remove(self, document_id: str, version: int, *, at: float) -> None:
        """Leave a tombstone. Without effect unless the version is above the stored one."""
        self._write(document_id, version, gone_at=at)

    def adopt_tombstones(self, other: "Generation", *, since: float) -> None:
        """Take over what was removed from `other` since then."""
        rows = other.execute("select id, version, gone_at from entry_N where gone_at >= ?", (since,)).fetchall()
        for document_id, version, gone_at in rows:
            self.remove(document_id, version, at=gone_at)

    def documents(self) -> Iterator[Document]:
        """What was saved, as it was."""
        rows = self.execute("select id, version, fields from entry_N where gone_at is null")
        for document_id, version, fields in rows:
            yield Document(id=document_id, version=version, fields=FIELDS.decode(fields))

    def count(self) -> int:
        """Documents that can be found."""
        found: int = self.execute("select count(*) from entry_N where gone_at is null").fetchone()[0]
        return found

    def _write(self, document_id: str, version: int, **values: object) -> int | None:
        """The row's number, its old parts gone; None when it stays as it is."""
        absent = dict.fromkeys(("gone_at", "fields", "suggestion", "suggestion_words"))
        row = self.execute(_SAVE, {**absent, **values, "id": document_id, "version": version}).fetchone()
        if row is None:
            return None
        doc: int = row[0]
        for statement in _FORGET:
            self.execute(statement, (doc,))
        return doc

    def _write_parts(self, doc: int, projection: Projection) -> None:
        texts = [projection.words[field] for field in sorted(projection.words)]
        places = ", ".join("?" * (len(texts) + 1))
        names = ", ".join(["rowid", *(f"text_{at}" for at in range(len(texts)))])
        self.execute(f"insert into words_N({names}) values ({places})", (doc, *texts))  # noqa: S608 - counted names.
        keywords = [(doc, field, value) for field, values in projection.keywords.items() for value in values]
        self._connection.executemany(self.sql("insert into keyword_N values (?, ?, ?)"), keywords)
        numbers = [(doc, field, value) for field, value in projection.numbers.items()]
        self._connection.executemany(self.sql("insert into number_N values (?, ?, ?)"), numbers)


def columns(shape: IndexShape) -> list[str]:
    """Text fields in the order of their columns."""
    return sorted(shape.text)
