"""`SearchIndex` on Elasticsearch."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from services.chassis.clock import Clock
from services.chassis.search.cursor import fingerprint, from_cursor
from services.chassis.search.elastic.client import Engine, unless_away
from services.chassis.search.elastic.mapping import Json, entry, tombstone
from services.chassis.search.elastic.queries import PRESENT, search_body, suggest_body
from services.chassis.search.elastic.rebuilding import TOMBSTONES_KEPT_S, Workshop
from services.chassis.search.elastic.replies import read_count, read_page, read_suggestions
from services.chassis.search.elastic.writing import Aliases, Write, write_built, write_everywhere
from services.chassis.search.highlight import Highlighter
from services.chassis.search.port import Document, IndexShape, SearchRequest, SearchResult
from services.chassis.search.projection import check_entry, project
from services.chassis.search.request import check_request, check_suggestion
from services.chassis.search.words import terms_of

LINGER_S = 5.0
"""An index that is no longer searched stays this long for the searches that have found it."""


class ElasticIndex:
    """The alias `name`. New fields need a `prepare`, changed ones a `rebuild`. Closes the engine with itself."""

    def __init__(
        self, engine: Engine, name: str, shape: IndexShape, *, clock: Clock, linger_s: float = LINGER_S
    ) -> None:
        self._engine = engine
        self._aliases = Aliases(name)
        self._shape = shape
        self._clock = clock
        self._linger_s = linger_s
        self._workshop = Workshop(engine, self._aliases, shape)

    async def prepare(self) -> None:
        """As `SearchIndex`."""
        await self._workshop.make_first()

    async def save(self, documents: Sequence[Document]) -> None:
        """As `SearchIndex`. Raises `DocumentInvalid` before anything is written."""
        await write_everywhere(self._engine, self._aliases, self._writes(documents))

    async def remove(self, ids: Sequence[str], *, version: int) -> None:
        """As `SearchIndex`."""
        now = self._clock().timestamp()
        for document_id in ids:
            check_entry(document_id, version)
        writes = [Write(id=one, version=version, entry=tombstone(one, at=now)) for one in ids]
        await write_everywhere(self._engine, self._aliases, writes)

    async def search(self, request: SearchRequest) -> SearchResult:
        """As `SearchIndex`."""
        check_request(request, self._shape)
        body = search_body(request, self._shape, from_cursor(request))
        # Replicas score a little apart: the pages of one search come from the same one.
        answer = await self._ask(body, preference=fingerprint(request))
        return read_page(answer, request, Highlighter(terms_of(request.text), self._shape))

    async def suggest(
        self, prefix: str, *, limit: int = 8, terms: Mapping[str, frozenset[str]] | None = None
    ) -> list[str]:
        """As `SearchIndex`."""
        terms = terms or {}
        check_suggestion(limit, terms, self._shape)
        if not terms_of(prefix):
            return []
        body = suggest_body(prefix, self._shape, limit=limit, terms=terms)
        return read_suggestions(await self._ask(body))

    async def rebuild(self, documents: AsyncIterator[Sequence[Document]]) -> int:
        """As `SearchIndex`; how many documents came. Raises `RebuildOvertaken` when another rebuild began meanwhile."""
        now = self._clock().timestamp()
        fresh = await self._workshop.begin(tombstones_since=now - TOMBSTONES_KEPT_S)
        try:
            count = 0
            async for batch in documents:
                await write_built(self._engine, self._aliases, self._writes(batch))
                count += len(batch)
        except BaseException:
            await self._workshop.clear_away([fresh])
            raise
        # A switch that got no answer may have happened, so nothing is cleared away after it failed: the next one will.
        before = await self._workshop.switch(fresh)
        await asyncio.sleep(self._linger_s)
        await self._workshop.clear_away(before)
        return count

    async def count(self) -> int:
        """As `SearchIndex`."""
        call = self._engine.ask("POST", f"/{self._aliases.searched}/_count", {"query": PRESENT})
        return read_count(await unless_away(call))

    async def close(self) -> None:
        """As `SearchIndex`."""
        await self._engine.close()

    async def _ask(self, body: Json, *, preference: str = "") -> bytes:
        target = f"/{self._aliases.searched}/_search?allow_partial_search_results=false"
        if preference:
            target += f"&preference={preference}"
        return await unless_away(self._engine.ask("POST", target, body))

    def _writes(self, documents: Sequence[Document]) -> list[Write]:
        projections = [project(document, self._shape) for document in documents]
        return [Write(id=one.id, version=one.version, entry=entry(one)) for one in projections]
