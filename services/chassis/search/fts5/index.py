"""`SearchIndex` on SQLite: one thread that writes, one that reads what was last committed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from services.chassis.clock import Clock
from services.chassis.search.fts5 import ledger
from services.chassis.search.fts5.generation import Generation
from services.chassis.search.fts5.lane import Lane
from services.chassis.search.fts5.querying import answer, complete
from services.chassis.search.port import Document, IndexShape, SearchRequest, SearchResult
from services.chassis.search.projection import check_entry, project
from services.chassis.search.request import check_request, check_suggestion


class Fts5Index:
    """The file at `path` holds this index and nothing else."""

    def __init__(self, path: Path, shape: IndexShape, *, clock: Clock) -> None:
        self._shape = shape
        self._clock = clock
        self._writer = Lane(path)
        self._reader = Lane(path)

    async def prepare(self) -> None:
        """As `SearchIndex`; an index of another shape is made anew from its own documents."""
        await self._writer.run(lambda connection: ledger.prepare(connection, self._shape))

    async def save(self, documents: Sequence[Document]) -> None:
        """As `SearchIndex`. Raises `DocumentInvalid` before anything is written."""
        projections = [project(document, self._shape) for document in documents]

        def change(generation: Generation) -> None:
            for projection in projections:
                generation.save(projection)

        await self._writer.run(lambda connection: ledger.write(connection, change))

    async def remove(self, ids: Sequence[str], *, version: int) -> None:
        """As `SearchIndex`."""
        now = self._clock().timestamp()
        for document_id in ids:
            check_entry(document_id, version)

        def change(generation: Generation) -> None:
            for document_id in ids:
                generation.remove(document_id, version, at=now)

        await self._writer.run(lambda connection: ledger.write(connection, change))

    async def search(self, request: SearchRequest) -> SearchResult:
        """As `SearchIndex`."""
        check_request(request, self._shape)
        return await self._reader.run(lambda connection: answer(connection, self._shape, request))

    async def suggest(
        self, prefix: str, *, limit: int = 8, terms: Mapping[str, frozenset[str]] | None = None
    ) -> list[str]:
        """As `SearchIndex`."""
        terms = terms or {}
        check_suggestion(limit, terms, self._shape)
        return await self._reader.run(
            lambda connection: complete(connection, self._shape, prefix, limit=limit, terms=terms)
        )

    async def rebuild(self, documents: AsyncIterator[Sequence[Document]]) -> int:
        """As `SearchIndex`; how many documents came. Raises `RebuildOvertaken` when another rebuild began meanwhile."""
        now = self._clock().timestamp()
        number = await self._writer.run(partial(ledger.begin_building, shape=self._shape, now=now))
        try:
            count = 0
            async for batch in documents:
                projections = [project(document, self._shape) for document in batch]
                await self._writer.run(partial(ledger.build, number=number, projections=projections))
                count += len(batch)
            await self._writer.run(partial(ledger.switch, number=number))
        except BaseException:
            await self._writer.run(partial(ledger.abandon, number=number))
            raise
        return count

    async def count(self) -> int:
        """As `SearchIndex`."""
        return await self._reader.run(lambda connection: ledger.searched(connection).count())

    async def close(self) -> None:
        """As `SearchIndex`."""
        await self._writer.close()
        await self._reader.close()
