"""Time in: holds run out, imports are taken in, and the search index follows the catalogue. Every unit of that work is
opened here.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import groupby
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import SoukError, Unavailable
from services.chassis.search.port import Document, SearchIndex
from services.chassis.telemetry.metrics import Metrics
from services.items.actions import importing
from services.items.actions.stock import expire
from services.items.domain.sheets import Entry
from services.items.domain.table_sheets import read_sheet
from services.items.search import document_of
from services.items.store import holds, imports, indexing

INDEXED_AT_ONCE = 200


async def expire_holds(database: Database, clock: Clock) -> None:
    """Units of holds that are over go back."""
    while True:
        async with database.reading() as connection:
            due = await holds.due(connection, clock())
        if not due:
            return
        async with database.unit() as unit:
            await expire(unit, due)


async def forget_settled_holds(database: Database) -> None:
    """Holds and restocks that nobody asks about any more."""
    async with database.unit() as unit:
        await holds.forget_settled(unit)


async def read_imports(database: Database) -> None:
    """Everything that was brought in, oldest first."""
    async with database.reading() as connection:
        waiting = await imports.open_ones(connection)
    for import_id in waiting:
        await _read_import(database, import_id)


async def _read_import(database: Database, import_id: UUID) -> None:
    async with database.reading() as connection:
        wanted = await imports.find(connection, import_id)
        source = await imports.source(connection, import_id)
    if source is None:
        return
    entries = await asyncio.to_thread(read_sheet, wanted.format, source)
    for number in range(wanted.items_read, len(entries)):
        if not await _take_in(database, import_id, number, entries[number]):
            return


async def _take_in(database: Database, import_id: UUID, number: int, entry: Entry) -> bool:
    try:
        async with database.unit() as unit:
            return await importing.take_in(unit, import_id, number, entry)
    except Unavailable:
        raise
    except SoukError as refusal:
        async with database.unit() as unit:
            return await importing.refuse(unit, import_id, number, entry, refusal)


class IndexUpkeep:
    """Brings the search engine what it lacks; while it is away, that waits."""

    def __init__(
        self, database: Database, index: SearchIndex, *, filters: Sequence[str], clock: Clock, metrics: Metrics
    ) -> None:
        self._database = database
        self._index = index
        self._filters = filters
        self._clock = clock
        self._waiting = metrics.index_waiting.labels("items")
        self._lag_s = metrics.index_lag_s.labels("items")
        self._prepared = False

    async def prepare(self) -> None:
        """So that the first search has something to look in. An engine that is away is prepared by `follow`."""
        with suppress(Unavailable):
            await self._index.prepare()

    async def follow(self) -> None:
        """Until the engine lacks nothing. Raises `Unavailable`."""
        try:
            await self._prepare_once()
            while await self._follow_some():
                pass
        finally:
            await self._measure()

    async def rebuild_if_asked(self) -> None:
        """Build the index anew when staff has asked for it. Raises `Unavailable`."""
        async with self._database.reading() as connection:
            asked = await indexing.queued_reindexes(connection)
        if not asked:
            return
        began = self._clock()
        await self._prepare_once()
        documents = await self._index.rebuild(self._everything())
        async with self._database.unit() as unit:
            await indexing.forget_indexed(unit, since=began)
            await indexing.finish_reindexes(unit, asked, documents=documents)

    async def _prepare_once(self) -> None:
        """An engine that is empty although there is something to find has lost its data, and gets all of it again."""
        if self._prepared:
            return
        await self._index.prepare()
        if await self._index.count() == 0:
            async with self._database.unit() as unit:
                await indexing.forget_indexed(unit)
        self._prepared = True

    async def _follow_some(self) -> bool:
        async with self._database.reading() as connection:
            entries = await indexing.stale(connection, limit=INDEXED_AT_ONCE)
        await self._index.save(self._documents(entries))
        gone = sorted((entry for entry in entries if entry.document is None), key=lambda entry: entry.revision)
        for revision, group in groupby(gone, key=lambda entry: entry.revision):
            await self._index.remove([str(entry.item_id) for entry in group], version=revision)
        if entries:
            async with self._database.unit() as unit:
                await indexing.note_indexed(unit, entries)
        return len(entries) == INDEXED_AT_ONCE

    async def _everything(self) -> AsyncIterator[Sequence[Document]]:
        async for entries in indexing.listed(self._database, batch=INDEXED_AT_ONCE):
            yield self._documents(entries)

    def _documents(self, entries: Sequence[indexing.Entry]) -> list[Document]:
        return [
            document_of(entry.document, self._filters, in_stock=entry.in_stock, revision=entry.revision)
            for entry in entries
            if entry.document is not None
        ]

    async def _measure(self) -> None:
        async with self._database.reading() as connection:
            waiting, oldest = await indexing.lag(connection)
        self._waiting.set(waiting)
        self._lag_s.set(0 if oldest is None else (self._clock() - oldest).total_seconds())
