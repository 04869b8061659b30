import pytest

from tests.items.engine import FailingIndex
from tests.items.market import Market, code


@pytest.fixture
async def stocked(market: Market) -> Market:
    """Four items, indexed."""
    await market.sell("Blue Mug", "MUG-BLUE", price_minor=1900, attributes={"colour": "blue", "size": "M"})
    await market.sell("Red Mug", "MUG-RED", price_minor=2500, attributes={"colour": "red", "size": "L"})
    await market.sell("Blue Rake", "RAKE", category="garden", on_hand=0, attributes={"colour": "blue"})
    await market.sell(
        "Linen Throw", "THROW", as_="other seller", currency="USD", price_minor=9900, attributes={"colour": "blue"}
    )
    await market.settle()
    return market


async def search(market: Market, query: str) -> dict[str, object]:
    answer = await market.ask("GET", f"/api/v1/search?{query}")
    assert answer.status == 200, answer.body
    return answer.json()


async def test_words_are_found_and_marked_in_spite_of_a_slip(stocked: Market) -> None:
    page = await search(stocked, "text=blue+mugg")

    found = page["items"]
    assert isinstance(found, list)
    assert titles(page) == ["Blue Mug"]
    assert found[0]["highlights"]["title"] == "<mark>Blue</mark> <mark>Mug</mark>"
    assert (page["total"], page["degraded"]) == (1, False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=home", {"Blue Mug", "Red Mug", "Linen Throw"}),
        ("seller=north-loom", {"Linen Throw"}),
        ("attribute=colour:blue&category=mugs&currency=EUR", {"Blue Mug"}),
        ("attribute=colour:blue&attribute=colour:red&category=mugs&currency=EUR", {"Blue Mug", "Red Mug"}),
        ("attribute=colour:blue&attribute=size:L", set()),
        ("in_stock=true&attribute=colour:blue", {"Blue Mug", "Linen Throw"}),
        ("currency=EUR&price_min=1900&price_max=1900&in_stock=true", {"Blue Mug"}),
    ],
)
async def test_filters_add_up(stocked: Market, query: str, expected: set[str]) -> None:
    assert set(titles(await search(stocked, query))) == expected


async def test_a_facet_leaves_out_its_own_filter_and_counts_categories_upwards(stocked: Market) -> None:
    page = await search(stocked, "attribute=colour:blue&facet=colour&facet=category&facet=in_stock")

    assert page["facets"] == [
        {
            "field": "category",
            "values": [
                {"value": "home", "count": 2},
                {"value": "kitchen", "count": 2},
                {"value": "mugs", "count": 2},
                {"value": "garden", "count": 1},
            ],
        },
        {"field": "colour", "values": [{"value": "blue", "count": 3}, {"value": "red", "count": 1}]},
        {"field": "in_stock", "values": [{"value": "true", "count": 2}, {"value": "false", "count": 1}]},
    ]


async def test_sorted_pages_follow_each_other(stocked: Market) -> None:
    first = await search(stocked, "sort=price_desc&currency=EUR&limit=2")
    second = await search(stocked, f"sort=price_desc&currency=EUR&limit=2&cursor={first['next']}")
    newest = await search(stocked, "sort=newest")

    assert (titles(first)[0], len(titles(first)), len(titles(second)), second["next"]) == ("Red Mug", 2, 1, None)
    assert titles(newest) == ["Linen Throw", "Blue Rake", "Red Mug", "Blue Mug"]


async def test_prices_are_the_ones_of_now_even_when_the_index_lags(stocked: Market) -> None:
    page = (await stocked.ask("GET", "/api/v1/seller/items", as_="seller")).json()
    rows = page["items"]
    assert isinstance(rows, list)
    mug = next(row for row in rows if row["title"] == "Blue Mug")
    price = {"version": mug["version"], "price": {"minor": 777, "currency": "EUR"}}
    await stocked.ask("PATCH", f"/api/v1/seller/items/{mug['id']}/variants/MUG-BLUE", price, as_="seller")

    found = (await search(stocked, "text=blue+mug"))["items"]

    assert isinstance(found, list)
    assert found[0]["price_from"] == {"minor": 777, "currency": "EUR"}


async def test_selling_out_reaches_the_index(stocked: Market) -> None:
    await stocked.hold({"MUG-BLUE": 10})
    await stocked.settle()

    assert titles(await search(stocked, "in_stock=true&text=blue+mug")) == []


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("price_min=5", (422, "currency_needed")),
        ("sort=price_asc", (422, "currency_needed")),
        ("attribute=weight:1kg", (422, "filter_unknown")),
        ("facet=weight", (422, "filter_unknown")),
        ("cursor=nonsense", (400, "cursor_malformed")),
        ("cursor=e.nonsense", (422, "search_cursor_unknown")),
        ("cursor=d.nonsense", (400, "cursor_malformed")),
        ("text=%00", (400, "malformed")),
        ("sort=best", (400, "malformed")),
        ("price_min=-1&currency=EUR", (400, "malformed")),
    ],
)
async def test_a_search_that_cannot_be_made_is_refused(market: Market, query: str, refusal: tuple[int, str]) -> None:
    await market.run("follow_catalogue")

    assert code(await market.ask("GET", f"/api/v1/search?{query}")) == refusal


async def test_an_empty_search_finds_everything(stocked: Market) -> None:
    assert (await search(stocked, ""))["total"] == 4
    assert (await search(stocked, "text=+"))["total"] == 4


async def test_suggestions_go_on_from_what_was_typed(stocked: Market) -> None:
    answer = (await stocked.ask("GET", "/api/v1/search/suggestions?text=blu")).json()

    assert answer["items"] == ["Blue Mug", "Blue Rake"]


async def test_with_the_engine_away_a_plain_listing_comes_from_the_database_and_says_so(
    stocked: Market, engine: FailingIndex
) -> None:
    engine.away = True

    first = await search(stocked, "category=home&limit=2")
    second = await search(stocked, f"category=home&limit=2&cursor={first['next']}")

    assert (titles(first), titles(second)) == (["Linen Throw", "Red Mug"], ["Blue Mug"])
    assert (first["degraded"], first["total"], first["facets"]) == (True, None, [])


@pytest.mark.parametrize("query", ["text=mug", "in_stock=true", "sort=price_asc&currency=EUR", "cursor=e.x"])
async def test_with_the_engine_away_a_real_search_is_refused_for_now(
    stocked: Market, engine: FailingIndex, query: str
) -> None:
    engine.away = True

    assert code(await stocked.ask("GET", f"/api/v1/search?{query}")) == (503, "unavailable")
    assert code(await stocked.ask("GET", "/api/v1/search/suggestions?text=m")) == (503, "unavailable")


def titles(page: dict[str, object]) -> list[str]:
    items = page["items"]
    assert isinstance(items, list)
    return [item["title"] for item in items]


async def test_a_search_before_anything_was_indexed_finds_nothing(market: Market) -> None:
    page = await search(market, "text=mug")

    assert (page["items"], page["degraded"]) == ([], False)
