import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.errors import Unavailable
from services.chassis.search.elastic import ElasticIndex, connect_elasticsearch
from services.chassis.search.fts5 import Fts5Index
from services.chassis.search.port import Document, SearchIndex, SearchRequest
from tests.chassis.clocks import HandClock
from tests.chassis.link import linked
from tests.chassis.search.catalogue import SHAPE, item
from tests.chassis.search.engines import ElasticEngine


async def _nothing() -> AsyncIterator[list[Document]]:
    yield []


async def _assert_away(index: SearchIndex) -> None:
    calls = [
        index.search(SearchRequest(text="lamp")),
        index.suggest("la"),
        index.save([item("a", "Lamp")]),
        index.remove(["a"], version=2),
        index.rebuild(_nothing()),
        index.count(),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            await call


@pytest.fixture
async def nowhere(tmp_path: Path, clock: HandClock) -> AsyncIterator[Fts5Index]:
    (tmp_path / "file").touch()
    index = Fts5Index(tmp_path / "file" / "search.db", SHAPE, clock=clock)
    yield index
    await index.close()


@pytest.mark.embedded
async def test_a_file_that_cannot_be_made_is_unavailable(nowhere: Fts5Index) -> None:
    with pytest.raises(Unavailable):
        await nowhere.prepare()
    await _assert_away(nowhere)


@pytest.mark.embedded
async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, clock: HandClock) -> None:
    (tmp_path / "search.db").write_bytes(b"not a database " * 1000)
    index = Fts5Index(tmp_path / "search.db", SHAPE, clock=clock)

    with pytest.raises(Unavailable):
        await index.prepare()
    await _assert_away(index)

    await index.close()


@pytest.mark.embedded
async def test_an_embedded_index_that_was_not_prepared_is_unavailable(tmp_path: Path, clock: HandClock) -> None:
    index = Fts5Index(tmp_path / "search.db", SHAPE, clock=clock)

    await _assert_away(index)

    await index.close()


@pytest.mark.servers
async def test_an_index_that_was_not_prepared_is_unavailable(elasticsearch_url: str, clock: HandClock) -> None:
    index = ElasticIndex(connect_elasticsearch(elasticsearch_url), "test-never-prepared", SHAPE, clock=clock)

    await _assert_away(index)

    await index.close()


@pytest.mark.servers
async def test_an_engine_that_refuses_connections_is_unavailable_and_then_found_again(
    elastic: ElasticEngine, elasticsearch_url: str, clock: HandClock
) -> None:
    async with linked(elasticsearch_url) as link:
        client = connect_elasticsearch(f"http://127.0.0.1:{link.port}")
        index = ElasticIndex(client, elastic.name, SHAPE, clock=clock)
        assert await index.count() == 0

        await link.cut()
        await _assert_away(index)
        await link.restore()

        assert await index.count() == 0
        await index.close()


@pytest.mark.servers
async def test_an_engine_that_does_not_answer_is_unavailable_in_time(
    elastic: ElasticEngine, elasticsearch_url: str, clock: HandClock
) -> None:
    async with linked(elasticsearch_url) as link:
        client = connect_elasticsearch(f"http://127.0.0.1:{link.port}", timeout_s=0.3)
        index = ElasticIndex(client, elastic.name, SHAPE, clock=clock)
        link.silent = True

        began = time.perf_counter()
        answers = await asyncio.gather(*(index.search(SearchRequest()) for _ in range(10)), return_exceptions=True)
        took_s = time.perf_counter() - began

        assert all(isinstance(answer, Unavailable) for answer in answers)
        assert took_s < 3
        await index.close()
