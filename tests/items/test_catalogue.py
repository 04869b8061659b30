import pytest

from tests.items.market import OTHER_SELLER, Market, code


async def test_the_list_is_newest_first_and_pages_without_gaps(market: Market) -> None:
    for number in range(5):
        await market.sell(f"Mug {number}", f"MUG-{number}")

    first = (await market.ask("GET", "/api/v1/items?limit=2")).json()
    second = (await market.ask("GET", f"/api/v1/items?limit=2&cursor={first['next']}")).json()
    third = (await market.ask("GET", f"/api/v1/items?limit=2&cursor={second['next']}")).json()

    assert [titles(page) for page in (first, second, third)] == [["Mug 4", "Mug 3"], ["Mug 2", "Mug 1"], ["Mug 0"]]
    assert third["next"] is None


async def test_a_page_stays_where_it_is_when_newer_items_come(market: Market) -> None:
    for number in range(3):
        await market.sell(f"Mug {number}", f"MUG-{number}")
    first = (await market.ask("GET", "/api/v1/items?limit=2")).json()
    await market.sell("Newer", "NEWER")

    second = (await market.ask("GET", f"/api/v1/items?limit=2&cursor={first['next']}")).json()

    assert titles(second) == ["Mug 0"]


async def test_a_category_lists_all_that_is_inside_it(market: Market) -> None:
    await market.sell("Blue Mug", "MUG", category="mugs")
    await market.sell("Whisk", "WHISK", category="kitchen")
    await market.sell("Rake", "RAKE", category="garden")

    home = (await market.ask("GET", "/api/v1/items?category=home")).json()
    mugs = (await market.ask("GET", "/api/v1/items?category=mugs")).json()
    nowhere = (await market.ask("GET", "/api/v1/items?category=nowhere")).json()

    assert (titles(home), titles(mugs), titles(nowhere)) == (["Whisk", "Blue Mug"], ["Blue Mug"], [])


async def test_a_seller_lists_what_is_theirs(market: Market) -> None:
    await market.sell("Blue Mug", "MUG")
    await market.sell("Throw", "THROW", as_="other seller")
    await market.sell("Rake", "RAKE", as_="other seller", category="garden")

    theirs = (await market.ask("GET", f"/api/v1/items?seller={OTHER_SELLER}")).json()
    in_garden = (await market.ask("GET", f"/api/v1/items?seller={OTHER_SELLER}&category=garden")).json()

    assert (titles(theirs), titles(in_garden)) == (["Rake", "Throw"], ["Rake"])


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "WyJ4Il0"])
async def test_a_cursor_that_no_list_gave_is_refused(market: Market, cursor: str) -> None:
    refused = await market.ask("GET", f"/api/v1/items?cursor={cursor}")

    assert code(refused) == (400, "cursor_malformed")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "category=%00", "seller=me"])
async def test_a_query_that_does_not_fit_is_refused(market: Market, query: str) -> None:
    refused = await market.ask("GET", f"/api/v1/items?{query}")

    assert code(refused) == (400, "malformed")


async def test_categories_are_a_tree_in_the_order_staff_gave_them(market: Market) -> None:
    await market.ask("POST", "/api/v1/staff/categories", {"slug": "audio", "name": "Audio", "position": 0}, as_="staff")

    tree = (await market.ask("GET", "/api/v1/categories")).json()

    mugs = {"slug": "mugs", "name": "Mugs", "children": []}
    kitchen = {"slug": "kitchen", "name": "Kitchen", "children": [mugs]}
    assert tree["items"] == [
        {"slug": "audio", "name": "Audio", "children": []},
        {"slug": "garden", "name": "Garden", "children": []},
        {"slug": "home", "name": "Home", "children": [kitchen]},
    ]


async def test_a_category_moves_with_all_that_is_in_it(market: Market) -> None:
    await market.sell("Blue Mug", "MUG", category="mugs")
    moved = {"version": 1, "name": "Kitchen", "parent": "garden"}

    answer = await market.ask("PUT", "/api/v1/staff/categories/kitchen", moved, as_="staff")

    assert answer.json()["version"] == 2
    assert titles((await market.ask("GET", "/api/v1/items?category=garden")).json()) == ["Blue Mug"]
    assert titles((await market.ask("GET", "/api/v1/items?category=home")).json()) == []


@pytest.mark.parametrize(
    ("slug", "change", "refusal"),
    [
        ("home", {"version": 1, "name": "Home", "parent": "mugs"}, (422, "category_loop")),
        ("home", {"version": 1, "name": "Home", "parent": "home"}, (422, "category_loop")),
        ("home", {"version": 1, "name": "Home", "parent": "nowhere"}, (422, "category_unknown")),
        ("home", {"version": 9, "name": "Home"}, (409, "stale_version")),
        ("nowhere", {"version": 1, "name": "Nowhere"}, (404, "category_missing")),
    ],
)
async def test_a_change_that_would_break_the_tree_is_refused(
    market: Market, slug: str, change: dict[str, object], refusal: tuple[int, str]
) -> None:
    refused = await market.ask("PUT", f"/api/v1/staff/categories/{slug}", change, as_="staff")

    assert code(refused) == refusal


async def test_a_category_is_made_once(market: Market) -> None:
    refused = await market.ask("POST", "/api/v1/staff/categories", {"slug": "home", "name": "Home"}, as_="staff")

    assert code(refused) == (409, "category_taken")


async def test_only_an_empty_category_can_be_removed(market: Market) -> None:
    await market.draft(category="garden")

    assert code(await market.ask("DELETE", "/api/v1/staff/categories/garden", as_="staff")) == (409, "category_in_use")
    assert code(await market.ask("DELETE", "/api/v1/staff/categories/kitchen", as_="staff")) == (409, "category_in_use")
    assert (await market.ask("DELETE", "/api/v1/staff/categories/mugs", as_="staff")).status == 204
    assert code(await market.ask("DELETE", "/api/v1/staff/categories/mugs", as_="staff")) == (404, "category_missing")


async def test_only_staff_changes_the_tree(market: Market) -> None:
    for who in ("visitor", "buyer", "seller"):
        refused = await market.ask("POST", "/api/v1/staff/categories", {"slug": "x", "name": "X"}, as_=who)
        assert refused.status in {401, 403}


def titles(page: dict[str, object]) -> list[str]:
    items = page["items"]
    assert isinstance(items, list)
    return [item["title"] for item in items]
