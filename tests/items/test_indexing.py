from pathlib import Path

import pytest

from services.chassis.errors import Unavailable
from services.chassis.ids import uuid7
from services.chassis.search.fts5 import Fts5Index
from services.chassis.search.port import Document
from services.items.search import shape
from tests.items.engine import FailingIndex
from tests.items.market import HandClock, Market, open_market


async def total(market: Market) -> object:
    return (await market.ask("GET", "/api/v1/search")).json()["total"]


async def test_what_changes_while_the_engine_is_away_is_indexed_when_it_is_back(
    market: Market, engine: FailingIndex
) -> None:
    engine.away = True
    await market.sell("Blue Mug", "MUG-BLUE")
    with pytest.raises(Unavailable):
        await market.settle()

    engine.away = False
    await market.run("follow_catalogue")

    assert await total(market) == 1


async def test_the_lag_of_the_index_is_measured(market: Market, engine: FailingIndex) -> None:
    engine.away = True
    await market.sell("Blue Mug", "MUG-BLUE")
    with pytest.raises(Unavailable):
        await market.settle()

    market.clock.pass_by(90)
    with pytest.raises(Unavailable):
        await market.run("follow_catalogue")
    told = (await market.ask("GET", "/api/v1/staff/search", as_="staff")).json()
    engine.away = False
    behind = sample(market, "souk_search_lag_seconds"), sample(market, "souk_search_waiting")
    await market.run("follow_catalogue")
    level = sample(market, "souk_search_lag_seconds"), sample(market, "souk_search_waiting")

    assert (told["waiting"], told["lag_s"]) == (1, 90.0)
    assert (behind, level) == ((90.0, 1.0), (0.0, 0.0))


async def test_a_reindex_ends_with_what_the_database_has(market: Market, engine: FailingIndex) -> None:
    for number in range(3):
        await market.sell(f"Mug {number}", f"MUG-{number}")
    await market.settle()
    await engine.save([Document(id=str(uuid7()), version=1, fields={"title": "A ghost"})])

    asked = (await market.ask("POST", "/api/v1/staff/search/reindex", as_="staff")).json()
    await market.run("rebuild_index")
    done = (await market.ask("GET", f"/api/v1/staff/search/reindex/{asked['id']}", as_="staff")).json()

    assert (asked["state"], done["state"], done["documents"]) == ("queued", "done", 3)
    assert await total(market) == 3


async def test_an_engine_that_lost_its_data_gets_all_of_it_again(
    market: Market, clock: HandClock, tmp_path: Path
) -> None:
    await market.sell("Blue Mug", "MUG-BLUE")
    await market.settle()
    empty = Fts5Index(tmp_path / "new" / "search.db", shape(["colour", "size"]), clock=clock)

    restarted = open_market(market.database, tmp_path / "new", clock, empty)
    await restarted.run("follow_catalogue")

    assert await empty.count() == 1
    await empty.close()


async def test_a_change_during_a_reindex_is_not_lost(market: Market, engine: FailingIndex) -> None:
    await market.sell("Blue Mug", "MUG-BLUE")
    await market.settle()
    await market.ask("POST", "/api/v1/staff/search/reindex", as_="staff")
    await market.run("rebuild_index")

    await market.suspend()
    await market.settle()

    assert await engine.count() == 0


async def test_a_reindex_runs_only_when_it_was_asked_for(market: Market) -> None:
    await market.run("rebuild_index")

    told = (await market.ask("GET", "/api/v1/staff/search", as_="staff")).json()
    assert told["reindexes"] == []


def sample(market: Market, name: str) -> float | None:
    return market.metrics.registry.get_sample_value(name, {"service": "items"})
