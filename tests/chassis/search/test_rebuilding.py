import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from services.chassis.search.errors import DocumentInvalid, RebuildOvertaken
from services.chassis.search.port import Document, SearchRequest
from tests.chassis.clocks import HandClock
from tests.chassis.search.catalogue import item
from tests.chassis.search.engines import Engine, fill, found

ALL = SearchRequest(limit=100)
DAY_S = 86_400


class Source:
    """Hands out documents a batch at a time, and waits before each until it is let go on."""

    def __init__(self, *batches: Sequence[Document]) -> None:
        self._batches = batches
        self.reached = asyncio.Event()
        self.gate = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[Sequence[Document]]:
        for batch in self._batches:
            self.reached.set()
            await self.gate.wait()
            yield batch


async def _batches(*batches: Sequence[Document]) -> AsyncIterator[Sequence[Document]]:
    for batch in batches:
        yield batch


async def _broken(batch: Sequence[Document]) -> AsyncIterator[Sequence[Document]]:
    yield batch
    raise ConnectionError


async def test_a_rebuild_holds_what_the_source_holds_and_nothing_else(shop: Engine) -> None:
    rebuilt = await shop.index.rebuild(_batches([item("a", "Lamp")], [item("b", "Table"), item("c", "Chair")]))
    await shop.settle()

    assert rebuilt == 3
    assert await found(shop, ALL) == ["a", "b", "c"]


async def test_readers_see_the_old_index_until_the_new_one_is_whole(shop: Engine) -> None:
    source = Source([item("a", "Lamp")], [item("b", "Table")])
    rebuilding = asyncio.create_task(shop.index.rebuild(aiter(source)))
    await source.reached.wait()

    before = await found(shop, ALL)
    source.gate.set()
    await rebuilding

    assert before == ["boots", "loafers", "mug", "runners", "teapot"]
    assert await found(shop, ALL) == ["a", "b"]


async def test_writes_during_a_rebuild_reach_both(engine: Engine) -> None:
    await fill(engine, [item("kept", "Lamp"), item("changed", "Old"), item("removed", "Gone")])
    stale = [item("kept", "Lamp"), item("changed", "Old"), item("removed", "Gone")]
    source = Source(stale)
    rebuilding = asyncio.create_task(engine.index.rebuild(aiter(source)))
    await source.reached.wait()

    await engine.index.save([item("changed", "New", version=2), item("added", "Added")])
    await engine.index.remove(["removed"], version=2)
    await engine.settle()
    during = await found(engine, ALL)
    source.gate.set()
    await rebuilding
    await engine.settle()

    assert during == ["added", "changed", "kept"]
    assert await found(engine, ALL) == during
    assert await found(engine, SearchRequest(text="new")) == ["changed"]


async def test_there_is_no_gap_for_readers_and_writers_while_it_switches(engine: Engine) -> None:
    documents = [item(f"i{number:03}", "lamp", version=1) for number in range(60)]
    await fill(engine, documents)
    done = asyncio.Event()
    counts: set[int] = set()
    written = 1

    async def read() -> None:
        while not done.is_set():
            counts.add((await engine.index.search(SearchRequest(text="lamp"))).total)

    async def write() -> None:
        nonlocal written
        while not done.is_set():
            written += 1
            await engine.index.save([item("i000", f"lamp {written}", version=written)])

    readers = [asyncio.create_task(read()), asyncio.create_task(read()), asyncio.create_task(write())]
    for _ in range(3):
        await engine.index.rebuild(_batches(documents[:30], documents[30:]))
    done.set()
    await asyncio.gather(*readers)
    await engine.settle()

    assert counts == {60}
    assert written > 3
    assert await found(engine, SearchRequest(text=f"lamp {written}", limit=1)) == ["i000"]


async def test_removals_outlive_a_rebuild(engine: Engine) -> None:
    await fill(engine, [item("a", "Lamp", version=1)])
    await engine.index.remove(["a"], version=5)
    await engine.index.rebuild(_batches([item("b", "Table")]))

    await fill(engine, [item("a", "Lamp", version=4)])

    assert await found(engine, ALL) == ["b"]


async def test_removals_older_than_any_event_are_forgotten_by_a_rebuild(engine: Engine, clock: HandClock) -> None:
    await engine.index.remove(["a"], version=5)
    clock.advance(8 * DAY_S)
    await engine.index.rebuild(_batches([]))

    await fill(engine, [item("a", "Lamp", version=4)])

    assert await found(engine, ALL) == ["a"]


async def test_a_rebuild_that_fails_changes_nothing(shop: Engine) -> None:
    with pytest.raises(ConnectionError):
        await shop.index.rebuild(_broken([item("a", "Lamp")]))
    with pytest.raises(DocumentInvalid):
        await shop.index.rebuild(_batches([item("a", "Lamp", unknown=1)]))

    await fill(shop, [item("z", "Late")])

    assert await found(shop, ALL) == ["boots", "loafers", "mug", "runners", "teapot", "z"]


async def test_a_cancelled_rebuild_changes_nothing(shop: Engine) -> None:
    source = Source([item("a", "Lamp")])
    rebuilding = asyncio.create_task(shop.index.rebuild(aiter(source)))
    await source.reached.wait()

    rebuilding.cancel()
    await asyncio.gather(rebuilding, return_exceptions=True)

    assert rebuilding.cancelled()
    assert await shop.index.count() == 5
    assert await shop.index.rebuild(_batches([item("b", "Table")])) == 1
    assert await found(shop, ALL) == ["b"]


async def test_the_later_of_two_rebuilds_wins(engine: Engine, clock: HandClock) -> None:
    source = Source([item("early", "Lamp")])
    early = asyncio.create_task(engine.index.rebuild(aiter(source)))
    await source.reached.wait()
    clock.advance(1)

    await engine.index.rebuild(_batches([item("late", "Lamp")]))
    source.gate.set()

    with pytest.raises(RebuildOvertaken):
        await early
    await engine.settle()
    assert await found(engine, ALL) == ["late"]
