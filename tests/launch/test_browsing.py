"""What visitors find: lists, search, the item's page."""

from uuid import UUID

import pytest
import pytest_asyncio

from services.items.domain.listings import ListedItem
from services.items.domain.searching import SearchPage
from tests.launch.guest import Guest, until
from tests.launch.shop import Seller, list_item

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]


async def found(visitor: Guest, query: str) -> SearchPage:
    return (await visitor.get(f"/api/v1/search?{query}")).told(SearchPage)


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def kettles(potter: Seller) -> dict[str, ListedItem]:
    """One of each material, which search knows of."""
    listed = {
        material: await list_item(
            potter,
            f"{material.title()} kettle",
            f"KETTLE-{material.upper()}",
            price_minor=price_minor,
            attributes={"material": material, "colour": colour},
        )
        for material, colour, price_minor in (("copper", "red", 4000), ("steel", "grey", 3000), ("clay", "red", 2000))
    }

    async def indexed() -> SearchPage | None:
        page = await found(potter.guest, "text=kettle")
        return page if page.total == len(listed) else None

    await until(indexed)
    return listed


async def test_a_misspelt_word_finds_what_was_meant(visitor: Guest, kettles: dict[str, ListedItem]) -> None:
    page = await found(visitor, "text=coper%20ketle")

    assert page.items[0].id == kettles["copper"].id
    assert "<mark>Copper</mark>" in page.items[0].highlights["title"]


async def test_a_facet_counts_as_if_its_own_filter_were_not_there(
    visitor: Guest, kettles: dict[str, ListedItem]
) -> None:
    page = await found(visitor, "text=kettle&attribute=colour:red&facet=colour&facet=material")
    counted = {facet.field: {value.value: value.count for value in facet.values} for facet in page.facets}

    assert {card.id for card in page.items} == {kettles["copper"].id, kettles["clay"].id}
    assert counted == {"colour": {"red": 2, "grey": 1}, "material": {"copper": 1, "clay": 1}}


async def test_prices_filter_and_sort(visitor: Guest, kettles: dict[str, ListedItem]) -> None:
    page = await found(visitor, "text=kettle&currency=EUR&price_min=2500&sort=price_asc")

    assert [card.id for card in page.items] == [kettles["steel"].id, kettles["copper"].id]


async def test_nothing_found_is_an_empty_page_and_no_error(visitor: Guest, kettles: dict[str, ListedItem]) -> None:
    page = await found(visitor, "text=submarine")

    assert kettles
    assert (page.items, page.total, page.next) == ([], 0, None)


@pytest.mark.parametrize("text", ["", "%20%20", "%22", "*", "AND", "NEAR(", "-", "%3B--"])
async def test_a_search_for_signs_is_answered(visitor: Guest, text: str) -> None:
    heard = await visitor.get(f"/api/v1/search?text={text}")

    assert heard.status == 200


async def test_pages_follow_each_other_without_gap_or_repeat(visitor: Guest, kettles: dict[str, ListedItem]) -> None:
    seen: list[UUID] = []
    cursor = ""
    while len(seen) <= len(kettles):
        page = await found(visitor, f"text=kettle&limit=1{cursor}")
        seen += [card.id for card in page.items]
        if page.next is None:
            break
        cursor = f"&cursor={page.next}"

    assert sorted(seen) == sorted(kettle.id for kettle in kettles.values())


async def test_an_items_page_comes_whole_in_one_call(
    visitor: Guest, potter: Seller, kettles: dict[str, ListedItem]
) -> None:
    page = (await visitor.get(f"/api/v1/pages/items/{kettles['clay'].id}")).facts

    assert page["partial"] == []
    assert {"item", "seller", "availability"} <= page.keys()
    assert potter.shop.slug in str(page["seller"])
    assert page["availability"] == [{"sku": "KETTLE-CLAY", "free": 50}]
