"""The search engine of a single process: SQLite FTS5 in a file of its own; typos, facets and suggestions on top."""

from services.chassis.search.fts5.index import Fts5Index as Fts5Index
