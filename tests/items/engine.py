"""A search engine that a test can turn off."""

from collections.abc import AsyncIterator, Mapping, Sequence

from services.chassis.errors import Unavailable
from services.chassis.search.port import Document, SearchIndex, SearchRequest, SearchResult


class FailingIndex:
    """Another index, unless it is `away`."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self.away = False
        self.searches = 0

    def _reached(self) -> SearchIndex:
        if self.away:
            raise Unavailable("the engine was turned off")
        return self._index

    async def prepare(self) -> None:
        await self._reached().prepare()

    async def save(self, documents: Sequence[Document]) -> None:
        await self._reached().save(documents)

    async def remove(self, ids: Sequence[str], *, version: int) -> None:
        await self._reached().remove(ids, version=version)

    async def search(self, request: SearchRequest) -> SearchResult:
        self.searches += 1
        return await self._reached().search(request)

    async def suggest(
        self, prefix: str, *, limit: int = 8, terms: Mapping[str, frozenset[str]] | None = None
    ) -> list[str]:
        return await self._reached().suggest(prefix, limit=limit, terms=terms)

    async def rebuild(self, documents: AsyncIterator[Sequence[Document]]) -> int:
        return await self._reached().rebuild(documents)

    async def count(self) -> int:
        return await self._reached().count()

    async def close(self) -> None:
        await self._index.close()
