from uuid import UUID

import msgspec
import pytest

from services.items.domain.items import Item
from tests.items.market import Market, code, read


async def test_a_published_item_is_seen_by_everybody(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE", attributes={"colour": "blue"})

    page = (await market.ask("GET", "/api/v1/items")).json()
    shown = (await market.ask("GET", f"/api/v1/items/{item.id}")).json()
    by_slug = (await market.ask("GET", f"/api/v1/items/by-slug/{item.slug}")).json()

    assert page["items"] == [
        {
            "id": str(item.id),
            "slug": item.slug,
            "title": "Blue Mug",
            "category": "mugs",
            "seller": {"id": str(UUID(int=1)), "name": "Clay & Ember", "slug": "clay-and-ember"},
            "price_from": {"minor": 1900, "currency": "EUR"},
            "image_url": None,
            "listed_at": "2026-03-01T12:00:01Z",
            "in_stock": True,
        }
    ]
    assert shown["availability"] == [{"sku": "MUG-BLUE", "free": 10}]
    assert by_slug == shown


async def test_a_draft_is_seen_by_its_seller_alone(market: Market) -> None:
    item = await market.draft()

    assert code(await market.ask("GET", f"/api/v1/items/{item.id}")) == (404, "item_missing")
    assert code(await market.ask("GET", f"/api/v1/seller/items/{item.id}", as_="other seller")) == (404, "item_missing")
    assert read(await market.ask("GET", f"/api/v1/seller/items/{item.id}", as_="seller"), Item) == item


async def test_only_a_draft_may_miss_things(market: Market) -> None:
    item = await market.draft(description="", category=None)

    refused = await market.ask("POST", f"/api/v1/seller/items/{item.id}/publish", {"version": 1}, as_="seller")

    assert code(refused) == (422, "item_incomplete")
    assert refused.json()["missing"] == ["description", "category", "variants"]


async def test_an_item_on_sale_cannot_lose_what_it_needs(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")
    emptied = {"version": item.version, "description": ""}
    withdrawn = {"version": item.version, "withdrawn": True}

    first = await market.ask("PATCH", f"/api/v1/seller/items/{item.id}", emptied, as_="seller")
    second = await market.ask("PATCH", f"/api/v1/seller/items/{item.id}/variants/MUG-BLUE", withdrawn, as_="seller")

    assert code(first) == (422, "item_incomplete")
    assert code(second) == (422, "item_incomplete")


async def test_a_change_made_on_a_stale_version_is_refused(market: Market) -> None:
    item = await market.draft()
    change = {"version": item.version, "title": "Red Mug"}
    await market.ask("PATCH", f"/api/v1/seller/items/{item.id}", change, as_="seller")

    again = await market.ask("PATCH", f"/api/v1/seller/items/{item.id}", change, as_="seller")

    assert code(again) == (409, "stale_version")
    assert (again.json()["seen"], again.json()["current"]) == (1, 2)


async def test_an_edit_of_an_item_on_sale_is_seen_at_once(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")
    price = {"version": item.version, "price": {"minor": 2100, "currency": "EUR"}}

    await market.ask("PATCH", f"/api/v1/seller/items/{item.id}/variants/MUG-BLUE", price, as_="seller")
    shown = (await market.ask("GET", f"/api/v1/items/{item.id}")).json()

    assert shown["price_from"] == {"minor": 2100, "currency": "EUR"}


async def test_a_withdrawn_variant_is_off_the_page_and_can_come_back(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")
    item = await market.add_variant(item, "MUG-RED", on_hand=3)
    address = f"/api/v1/seller/items/{item.id}/variants/MUG-RED"

    gone = read(await market.ask("PATCH", address, {"version": item.version, "withdrawn": True}, as_="seller"), Item)
    without = (await market.ask("GET", f"/api/v1/items/{item.id}")).json()
    await market.ask("PATCH", address, {"version": gone.version, "withdrawn": False}, as_="seller")
    with_it = (await market.ask("GET", f"/api/v1/items/{item.id}")).json()

    assert without["availability"] == [{"sku": "MUG-BLUE", "free": 10}]
    assert with_it["availability"] == [{"sku": "MUG-BLUE", "free": 10}, {"sku": "MUG-RED", "free": 3}]


async def test_an_archived_item_is_gone_until_it_is_published_again(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")
    version = {"version": item.version}

    archived = read(await market.ask("POST", f"/api/v1/seller/items/{item.id}/archive", version, as_="seller"), Item)
    gone = await market.ask("GET", f"/api/v1/items/{item.id}")
    await market.publish(archived)
    back = await market.ask("GET", f"/api/v1/items/{item.id}")

    assert (gone.status, back.status) == (404, 200)
    assert back.json()["listed_at"] == "2026-03-01T12:00:01Z"


async def test_a_published_item_cannot_be_published_again(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")

    again = await market.ask("POST", f"/api/v1/seller/items/{item.id}/publish", {"version": item.version}, as_="seller")

    assert code(again) == (409, "illegal_move")


async def test_a_sku_names_one_variant_in_the_whole_market(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE")
    theirs = await market.draft("Other Mug", as_="other seller")
    variant = {"sku": "MUG-BLUE", "price": {"minor": 100, "currency": "EUR"}}

    refused = await market.ask(
        "POST", f"/api/v1/seller/items/{theirs.id}/variants", {"variant": variant, "version": 1}, as_="other seller"
    )

    assert code(refused) == (409, "sku_taken")


@pytest.mark.parametrize(
    "price", [{"minor": 100, "currency": "USD"}, {"minor": 0, "currency": "EUR"}, {"minor": 10**30, "currency": "EUR"}]
)
async def test_a_price_is_positive_bounded_and_in_the_currency_of_the_item(
    market: Market, price: dict[str, object]
) -> None:
    item = await market.draft()
    body = {"variant": {"sku": "MUG-BLUE", "price": price}, "version": 1}

    refused = await market.ask("POST", f"/api/v1/seller/items/{item.id}/variants", body, as_="seller")

    assert code(refused) == (422, "price_refused")


async def test_two_items_of_a_seller_cannot_share_a_reference(market: Market) -> None:
    await market.draft(reference="A-1")
    body = {"title": "Another", "currency": "EUR", "reference": "A-1"}

    refused = await market.ask("POST", "/api/v1/seller/items", body, as_="seller")

    assert code(refused) == (409, "reference_taken")


async def test_an_item_goes_only_into_a_category_that_exists(market: Market) -> None:
    body = {"title": "Blue Mug", "currency": "EUR", "category": "nowhere"}

    refused = await market.ask("POST", "/api/v1/seller/items", body, as_="seller")

    assert code(refused) == (422, "category_unknown")


@pytest.mark.parametrize(
    "field",
    [
        {"title": ""},
        {"title": "a\x00b"},
        {"title": "x" * 161},
        {"currency": "euro"},
        {"attributes": {"Colour": "blue"}},
        {"attributes": {"colour": ""}},
        {"images": [{"url": "http://img.example/a.jpg"}]},
        {"images": [{"url": "https://user@img.example/a.jpg"}]},
        {"images": [{"url": "javascript:alert(1)"}]},
        {"tax_rate_bp": 10_001},
        {"price": 3},
    ],
    ids=str,
)
async def test_a_value_that_does_not_fit_its_field_is_refused(market: Market, field: dict[str, object]) -> None:
    body = {"title": "Blue Mug", "currency": "EUR", **field}

    refused = await market.ask("POST", "/api/v1/seller/items", body, as_="seller")

    assert code(refused) == (400, "malformed")


async def test_ones_own_items_come_newest_first_and_by_status(market: Market) -> None:
    await market.sell("One", "SKU-1")
    await market.draft("Two")
    await market.draft("Three")

    first = (await market.ask("GET", "/api/v1/seller/items?limit=2", as_="seller")).json()
    rest = (await market.ask("GET", f"/api/v1/seller/items?limit=2&cursor={first['next']}", as_="seller")).json()
    published = await market.ask("GET", "/api/v1/seller/items?status=published", as_="seller")

    assert titles(first) == ["Three", "Two"]
    assert (titles(rest), rest["next"]) == (["One"], None)
    assert titles(published.json()) == ["One"]


async def test_somebody_without_a_shop_has_no_desk(market: Market) -> None:
    token = market.asker.identity(user=UUID(int=77), roles=frozenset({"seller"}))

    assert code(await market.ask("GET", "/api/v1/seller/items", token=token)) == (403, "seller_unknown")
    assert code(await market.ask("GET", "/api/v1/seller/items", as_="buyer")) == (403, "denied")


def titles(page: dict[str, object]) -> list[str]:
    items = msgspec.convert(page["items"], list[dict[str, object]])
    return [str(item["title"]) for item in items]
