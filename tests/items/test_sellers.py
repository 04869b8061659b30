import itertools

from services.chassis.ids import uuid7
from services.contracts.auth import UserErased
from services.contracts.items import ItemListed, ItemWithdrawn
from services.contracts.users import SellerApproved, SellerSuspended
from services.items.domain.sellers import Seller
from services.items.store import sellers
from tests.items.market import OWNER, Market, code


async def test_a_suspended_sellers_items_vanish_from_list_page_and_search(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")
    await market.sell("Wool Throw", "THROW", as_="other seller")
    await market.settle()

    await market.suspend()
    page = (await market.ask("GET", "/api/v1/items")).json()
    shown = await market.ask("GET", f"/api/v1/items/{item.id}")
    found_at_once = (await market.ask("GET", "/api/v1/search?text=mug")).json()
    await market.settle()
    found = (await market.ask("GET", "/api/v1/search?text=mug")).json()

    assert titles(page) == ["Wool Throw"]
    assert code(shown) == (404, "item_missing")
    assert found_at_once["items"] == []
    assert found["total"] == 0


async def test_items_come_back_when_the_seller_is_approved_again(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")
    await market.suspend()
    await market.settle()

    await market.approve_again()
    await market.settle()

    assert titles((await market.ask("GET", "/api/v1/items")).json()) == ["Blue Mug"]
    assert (await market.ask("GET", f"/api/v1/items/{item.id}")).status == 200
    assert (await market.ask("GET", "/api/v1/search?text=mug")).json()["total"] == 1


async def test_others_learn_of_every_coming_and_going_in_order(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")

    await market.suspend()
    await market.approve_again()
    told = [message for message in await market.settle() if message.aggregate_id == str(item.id)]

    assert [message.kind for message in told] == [ItemListed.kind, ItemWithdrawn.kind, ItemListed.kind]
    assert [message.aggregate_version for message in told] == [item.version, item.version + 1, item.version + 2]


async def test_a_new_name_of_the_seller_is_on_every_item(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")

    await market.approve_again(name="Clay, Ember & Daughters")
    shown = (await market.ask("GET", f"/api/v1/items/{item.id}")).json()

    assert shown["seller"] == {
        "id": "00000000-0000-0000-0000-000000000001",
        "name": "Clay, Ember & Daughters",
        "slug": "clay-and-ember",
    }


async def test_old_news_of_a_seller_is_dropped(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE")
    await market.approve_again()

    await market.suspend()

    assert titles((await market.ask("GET", "/api/v1/items")).json()) == ["Blue Mug"]


async def test_a_suspended_seller_may_look_but_changes_nothing(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")
    await market.suspend()

    change = {"version": item.version + 1, "title": "Red Mug"}
    refused = await market.ask("PATCH", f"/api/v1/seller/items/{item.id}", change, as_="seller")
    own = await market.ask("GET", "/api/v1/seller/items", as_="seller")

    assert code(refused) == (403, "seller_suspended")
    assert titles(own.json()) == ["Blue Mug"]


async def test_an_erased_users_shop_closes_and_loses_its_name(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE")

    await market.hear(UserErased(user_id=OWNER))

    assert (await market.ask("GET", f"/api/v1/items/{item.id}")).status == 404
    refused = await market.ask("POST", "/api/v1/seller/items", {"title": "X", "currency": "EUR"}, as_="seller")
    assert code(refused) == (403, "seller_suspended")


async def test_what_is_known_of_a_closed_shop_is_the_same_in_whatever_order_it_was_told(market: Market) -> None:
    for order in itertools.permutations([1, 2, 3]):
        seller_id, owner_id = uuid7(), uuid7()
        approved = SellerApproved(seller_id=seller_id, owner_id=owner_id, name="Ana's Pottery", slug="anas-pottery")
        suspended = SellerSuspended(seller_id=seller_id, owner_id=owner_id, reason="erased")
        told = {1: approved, 2: suspended, 3: UserErased(user_id=owner_id)}

        for version in order:
            await market.hear(told[version], version=version)

        async with market.database.reading() as connection:
            seller = await sellers.of_owner(connection, owner_id)
        assert seller == Seller(seller_id=seller_id, owner_id=owner_id, name="", slug="", approved=False, version=2), (
            order
        )


def titles(page: dict[str, object]) -> list[str]:
    items = page["items"]
    assert isinstance(items, list)
    return [item["title"] for item in items]
