import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.chassis.search.fts5 import Fts5Index
from services.chassis.search.fts5.ledger import begin_building
from services.chassis.search.port import Document, SearchRequest
from tests.chassis.clocks import HandClock
from tests.chassis.search.catalogue import SHAPE, item

pytestmark = pytest.mark.embedded


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "search.db"


async def _open(path: Path, clock: HandClock, *, weight: float = 4.0) -> Fts5Index:
    index = Fts5Index(path, replace(SHAPE, text={"title": weight, "description": 1.0}), clock=clock)
    await index.prepare()
    return index


def _tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as file:
        return [name for (name,) in file.execute("select name from sqlite_master")]


async def _batches(*batches: Sequence[Document]) -> AsyncIterator[Sequence[Document]]:
    for batch in batches:
        yield batch


async def test_an_index_outlives_its_process(path: Path, clock: HandClock) -> None:
    first = await _open(path, clock)
    await first.save([item("a", "Lamp", version=3), item("b", "Table", version=3)])
    await first.remove(["b"], version=4)
    await first.close()

    second = await _open(path, clock)
    await second.save([item("a", "Stale", version=2), item("b", "Table", version=3)])

    page = await second.search(SearchRequest())
    assert [hit.fields for hit in page.hits] == [{"title": "Lamp"}]
    await second.close()


async def test_an_index_of_another_shape_is_made_anew_from_its_documents(path: Path, clock: HandClock) -> None:
    old = await _open(path, clock)
    await old.save([item("a", "Lamp", description="with a red shade"), item("b", "Table", version=1)])
    await old.remove(["b"], version=4)
    await old.close()
    shape = replace(SHAPE, text={"title": 1.0}, suggest="title", keyword=frozenset({"brand"}))

    index = Fts5Index(path, shape, clock=clock)
    await index.prepare()
    await index.save([item("b", "Table", version=3), item("c", "Chair")])

    assert [hit.id for hit in (await index.search(SearchRequest())).hits] == ["a", "c"]
    assert (await index.search(SearchRequest(text="shade"))).total == 0
    await index.close()


async def test_a_rebuild_cut_off_by_a_crash_leaves_a_working_index(path: Path, clock: HandClock) -> None:
    index = await _open(path, clock)
    await index.save([item("a", "Lamp")])
    with closing(sqlite3.connect(path, isolation_level=None)) as crashed:
        begin_building(crashed, SHAPE, now=clock().timestamp())

    await index.save([item("b", "Table")])
    before = await index.count()
    await index.rebuild(_batches([item("c", "Chair")]))

    assert before == 2
    assert await index.count() == 1
    await index.close()


async def test_a_rebuild_leaves_the_tables_of_one_generation(path: Path, clock: HandClock) -> None:
    index = await _open(path, clock)
    tables = _tables(path)

    for _ in range(3):
        await index.rebuild(_batches([item("a", "Lamp")]))

    assert len(_tables(path)) == len(tables)
    await index.close()
