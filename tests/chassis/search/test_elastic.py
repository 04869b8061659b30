import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from msgspec.structs import replace

from services.chassis.search.elastic import ElasticIndex, connect_elasticsearch
from services.chassis.search.errors import RebuildOvertaken
from services.chassis.search.port import Document, IndexShape, SearchIndex, SearchRequest, Sort
from tests.chassis.clocks import HandClock
from tests.chassis.search.catalogue import SHAPE, item
from tests.chassis.search.engines import ElasticEngine, fill, found

pytestmark = pytest.mark.servers


async def _batches(*batches: Sequence[Document]) -> AsyncIterator[Sequence[Document]]:
    for batch in batches:
        yield batch


@pytest.fixture
async def release(elasticsearch_url: str, clock: HandClock) -> AsyncIterator[Callable[[str, IndexShape], ElasticIndex]]:
    """The index of a name as the next release opens it, with another shape."""
    opened: list[ElasticIndex] = []

    def open_index(name: str, shape: IndexShape) -> ElasticIndex:
        opened.append(ElasticIndex(connect_elasticsearch(elasticsearch_url), name, shape, clock=clock, linger_s=0.1))
        return opened[-1]

    yield open_index
    for index in opened:
        await index.close()


async def _ids(index: SearchIndex, request: SearchRequest) -> list[str]:
    return [hit.id for hit in (await index.search(request)).hits]


async def test_new_fields_can_be_searched_once_they_are_prepared(
    elastic: ElasticEngine, release: Callable[[str, IndexShape], ElasticIndex]
) -> None:
    await fill(elastic, [item("old", "Lamp")])
    wider = replace(SHAPE, keyword=SHAPE.keyword | {"material"}, number=SHAPE.number | {"weight_g"})
    index = release(elastic.name, wider)
    by_weight = SearchRequest(sort=Sort(field="weight_g"), facets=frozenset({"material"}))

    before = await _ids(index, by_weight)
    await index.prepare()
    await index.save([item("new", "Table", material="oak", weight_g=9000)])
    await elastic.settle()

    assert before == ["old"]
    assert await _ids(index, by_weight) == ["new", "old"]
    assert await _ids(index, SearchRequest(terms={"material": frozenset({"oak"})})) == ["new"]


async def test_a_field_that_changes_its_part_waits_for_a_rebuild(
    elastic: ElasticEngine, release: Callable[[str, IndexShape], ElasticIndex]
) -> None:
    await fill(elastic, [item("a", "Lamp", description="Kettle")])
    index = release(elastic.name, replace(SHAPE, suggest="description"))

    await index.prepare()
    await index.rebuild(_batches([item("a", "Lamp", description="Kettle", version=2)]))

    assert await index.suggest("ket") == ["Kettle"]


async def test_a_rebuild_leaves_one_index_behind_the_alias(elastic: ElasticEngine) -> None:
    for number in range(3):
        await elastic.index.rebuild(_batches([item("a", "Lamp", version=number)]))

    assert len(await elastic.indices()) == 1


async def test_what_a_crashed_rebuild_left_goes_with_the_next(elastic: ElasticEngine) -> None:
    await elastic.leave_unfinished(3)
    await fill(elastic, [item("meanwhile", "Table")])

    await elastic.index.rebuild(_batches([item("a", "Lamp")]))

    assert await elastic.indices() == [f"{elastic.name}-4"]


async def test_of_rebuilds_begun_at_once_one_ends_and_writes_are_never_refused(elastic: ElasticEngine) -> None:
    rebuilds = [elastic.index.rebuild(_batches([item("a", "Lamp")], [item("b", "Table")])) for _ in range(4)]

    saves = [asyncio.create_task(elastic.index.save([item("c", "Chair", version=number)])) for number in range(30)]
    outcomes = await asyncio.gather(*rebuilds, return_exceptions=True)
    await asyncio.gather(*saves)
    await elastic.settle()

    ended = [outcome for outcome in outcomes if outcome == 2]
    overtaken = [outcome for outcome in outcomes if isinstance(outcome, RebuildOvertaken)]
    assert len(ended) >= 1
    assert len(ended) + len(overtaken) == 4
    assert set(await found(elastic, SearchRequest())) >= {"a", "b"}


async def test_saved_documents_are_visible_within_a_second(elastic: ElasticEngine) -> None:
    await elastic.index.save([item("a", "Lamp")])
    await asyncio.sleep(1)

    assert await found(elastic, SearchRequest(text="lamp")) == ["a"]
