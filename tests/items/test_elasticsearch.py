"""The catalogue on the servers of a cluster: PostgreSQL and Elasticsearch."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.database import Database
from services.chassis.ids import uuid7
from services.items.search import shape
from tests.chassis.search.engines import ElasticEngine
from tests.items.market import HandClock, Market, open_market

pytestmark = pytest.mark.servers


@pytest.fixture
async def elastic(elasticsearch_url: str, clock: HandClock) -> AsyncIterator[ElasticEngine]:
    engine = ElasticEngine(elasticsearch_url, f"items-{uuid7().hex}", shape(["colour", "size"]), clock=clock)
    yield engine
    await engine.close()


@pytest.fixture
async def clustered(postgres: Database, tmp_path: Path, clock: HandClock, elastic: ElasticEngine) -> Market:
    opened = open_market(postgres, tmp_path, clock, elastic.index)
    await opened.open()
    return opened


async def found(market: Market, query: str) -> dict[str, object]:
    answer = await market.ask("GET", f"/api/v1/search?{query}")
    assert answer.status == 200, answer.body
    return answer.json()


async def every_id(market: Market, path: str) -> list[str]:
    """Of all pages, sorted."""
    ids: list[str] = []
    cursor = ""
    while True:
        page = (await market.ask("GET", f"{path}?limit=50{cursor}")).json()
        items = page["items"]
        assert isinstance(items, list)
        ids += [item["id"] for item in items]
        if page["next"] is None:
            return sorted(ids)
        cursor = f"&cursor={page['next']}"


async def test_words_facets_and_filters_work_as_they_do_embedded(clustered: Market, elastic: ElasticEngine) -> None:
    await clustered.sell("Blue Mug", "MUG-BLUE", attributes={"colour": "blue"})
    await clustered.sell("Red Mug", "MUG-RED", attributes={"colour": "red"})
    await clustered.sell("Blue Rake", "RAKE", category="garden", on_hand=0, attributes={"colour": "blue"})
    await clustered.settle()
    await elastic.settle()

    page = await found(clustered, "text=mugg&attribute=colour:blue&facet=colour&facet=category")

    items = page["items"]
    assert isinstance(items, list)
    assert [item["title"] for item in items] == ["Blue Mug"]
    assert items[0]["highlights"] == {"title": "Blue <mark>Mug</mark>", "variants": "<mark>MUG</mark>-BLUE"}
    assert page["facets"] == [
        {"field": "category", "values": [{"value": slug, "count": 1} for slug in ("home", "kitchen", "mugs")]},
        {"field": "colour", "values": [{"value": "blue", "count": 1}, {"value": "red", "count": 1}]},
    ]


async def test_a_full_reindex_equals_the_database(clustered: Market, elastic: ElasticEngine) -> None:
    for number in range(120):
        seller = "seller" if number % 3 else "other seller"
        await clustered.sell(f"Mug {number}", f"MUG-{number}", as_=seller)
    await clustered.settle()
    await clustered.suspend()
    await clustered.settle()

    await clustered.ask("POST", "/api/v1/staff/search/reindex", as_="staff")
    await asyncio.gather(clustered.run("rebuild_index"), clustered.approve_again())
    await clustered.settle()
    await elastic.settle()

    listed = await every_id(clustered, "/api/v1/items")
    assert len(listed) == 120
    assert await every_id(clustered, "/api/v1/search") == listed
    assert await elastic.index.count() == 120
