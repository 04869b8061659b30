"""The port's promise: the same request gives the same documents on both engines."""

import random
from collections.abc import Callable

import pytest
from msgspec import Struct

from services.chassis.search.port import Range, SearchRequest, SearchResult, Sort
from tests.chassis.search.catalogue import many, misspelt
from tests.chassis.search.engines import ElasticEngine, EmbeddedEngine, fill

pytestmark = pytest.mark.servers


class Seen(Struct, frozen=True):
    """What two engines must have in common; scores and the order by relevance are their own."""

    ids: list[str]
    total: int
    facets: dict[str, list[tuple[str, int]]]
    highlights: dict[str, dict[str, str]]


def _seen(page: SearchResult, *, ordered: bool) -> Seen:
    ids = [hit.id for hit in page.hits]
    facets = {field: list(counts.items()) for field, counts in page.facets.items()}
    highlights = {hit.id: hit.highlights for hit in page.hits}
    return Seen(ids if ordered else sorted(ids), page.total, facets, highlights)


def _request(dice: random.Random) -> SearchRequest:
    fields = ("brand", "colours", "category")
    values = ("Alpina", "Ö & Co", "red", "green", "home", "office")
    return SearchRequest(
        text=" ".join(misspelt(dice) for _ in range(dice.choice([0, 1, 1, 2]))),
        terms={field: frozenset(dice.sample(values, 3)) for field in dice.sample(fields, dice.choice([0, 1, 2]))},
        ranges={"price_cents": Range(at_least=dice.randrange(9000))} if dice.random() < 0.4 else {},
        facets=frozenset(dice.sample(fields, dice.randrange(4))),
        sort=dice.choice([None, Sort(field="rating"), Sort(field="price_cents", descending=True)]),
        limit=100,
    )


async def _assert_agreed(
    embedded: EmbeddedEngine, elastic: ElasticEngine, make: Callable[[random.Random], SearchRequest], times: int
) -> int:
    dice = random.Random(11)
    hits = 0
    for _ in range(times):
        request = make(dice)
        here, there = await embedded.index.search(request), await elastic.index.search(request)
        ordered = request.sort is not None or not request.text
        # A page by relevance is comparable only when it holds everything.
        if ordered or here.total <= request.limit:
            assert _seen(here, ordered=ordered) == _seen(there, ordered=ordered), request
            hits += here.total
    return hits


async def test_both_engines_find_count_sort_and_mark_the_same(embedded: EmbeddedEngine, elastic: ElasticEngine) -> None:
    for engine in (embedded, elastic):
        await fill(engine, many(300, seed=3))

    hits = await _assert_agreed(embedded, elastic, _request, times=300)

    assert hits > 1000


async def test_both_engines_suggest_the_same(embedded: EmbeddedEngine, elastic: ElasticEngine) -> None:
    for engine in (embedded, elastic):
        await fill(engine, many(300, seed=4))
    dice = random.Random(12)

    for _ in range(100):
        prefix = misspelt(dice)[: dice.randrange(1, 6)]
        prefix = f"{misspelt(dice)} {prefix}" if dice.random() < 0.3 else prefix
        here = await embedded.index.suggest(prefix, limit=20)

        assert here == await elastic.index.suggest(prefix, limit=20), prefix
