"""Both engines behind one face, so that one suite can try them."""

from pathlib import Path
from typing import Protocol

from elasticsearch import AsyncElasticsearch
from msgspec.structs import replace

from services.chassis.clock import Clock
from services.chassis.search.elastic import ElasticIndex, connect_elasticsearch
from services.chassis.search.fts5 import Fts5Index
from services.chassis.search.port import Document, IndexShape, SearchIndex, SearchRequest

PAGES_MOST = 500


class Engine(Protocol):
    """An index, and what only a test needs of its engine."""

    index: SearchIndex

    async def settle(self) -> None:
        """Make every write visible now."""

    async def close(self) -> None:
        """Remove everything."""


class EmbeddedEngine:
    def __init__(self, folder: Path, shape: IndexShape, *, clock: Clock) -> None:
        self.index: SearchIndex = Fts5Index(folder / "search.db", shape, clock=clock)

    async def settle(self) -> None:
        """What is committed is visible."""

    async def close(self) -> None:
        await self.index.close()


class ElasticEngine:
    def __init__(self, url: str, name: str, shape: IndexShape, *, clock: Clock) -> None:
        self.name = name
        self._admin = AsyncElasticsearch(url, request_timeout=30)
        self.index: SearchIndex = ElasticIndex(
            connect_elasticsearch(url, timeout_s=10), name, shape, clock=clock, linger_s=0.2
        )

    async def settle(self) -> None:
        await self._admin.indices.refresh(index=f"{self.name}-*")

    async def indices(self) -> list[str]:
        return sorted((await self._admin.indices.get_alias(index=f"{self.name}-*")).body)

    async def leave_unfinished(self, number: int) -> None:
        """What a rebuild leaves that was killed."""
        await self._admin.indices.create(
            index=f"{self.name}-{number}", aliases={f"{self.name}.built": {"is_write_index": True}}
        )

    async def close(self) -> None:
        await self.index.close()
        await self._admin.indices.delete(index=",".join(await self.indices()) or "none", ignore_unavailable=True)
        await self._admin.close()


async def fill(engine: Engine, documents: list[Document]) -> None:
    """Save and make visible."""
    await engine.index.save(documents)
    await engine.settle()


async def found(engine: Engine, request: SearchRequest) -> list[str]:
    """The ids of a page, in order."""
    return [hit.id for hit in (await engine.index.search(request)).hits]


async def all_pages(engine: Engine, request: SearchRequest) -> list[str]:
    """The ids of all pages, in order. `request` has no cursor."""
    page = await engine.index.search(request)
    ids = [hit.id for hit in page.hits]
    for _ in range(PAGES_MOST):
        if page.next is None:
            return ids
        page = await engine.index.search(replace(request, cursor=page.next))
        ids += [hit.id for hit in page.hits]
    raise AssertionError("the pages have no end")
