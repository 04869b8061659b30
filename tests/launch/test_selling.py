"""What sellers and staff do, and what buyers see of it."""

from uuid import UUID

import pytest

from services.items.domain.items import Item
from services.items.domain.searching import SearchPage
from services.items.domain.stock import StockLevel
from services.users.api.shop import SellerView
from tests.launch.guest import Guest, until
from tests.launch.shop import Seller, Shop, draft, fill_cart, list_item, stock_of

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]


async def until_found(guest: Guest, text: str, *, found: bool) -> SearchPage:
    async def looked() -> SearchPage | None:
        page = (await guest.get(f"/api/v1/search?text={text}")).told(SearchPage)
        return page if bool(page.items) is found else None

    return await until(looked)


async def until_status(guest: Guest, item_id: UUID, status: int) -> None:
    async def looked() -> bool | None:
        return True if (await guest.get(f"/api/v1/items/{item_id}")).status == status else None

    await until(looked)


async def test_a_draft_is_seen_by_nobody_until_it_is_published(potter: Seller, visitor: Guest) -> None:
    item = await draft(potter, "Zinnober pitcher")
    path = f"/api/v1/seller/items/{item.id}"
    early = await potter.guest.post(f"{path}/publish", {"version": item.version})
    hidden = await visitor.get(f"/api/v1/items/{item.id}")

    variant = {"sku": "ZINNOBER-1", "price": {"minor": 5000, "currency": "EUR"}}
    added = await potter.guest.post(f"{path}/variants", {"variant": variant, "version": item.version, "on_hand": 2})
    published = await potter.guest.post(f"{path}/publish", {"version": added.told(Item).version})
    page = await until_found(visitor, "zinnober", found=True)

    assert early.refusal == (422, "item_incomplete")
    assert hidden.refusal == (404, "item_missing")
    assert published.told(Item).status == "published"
    assert [card.id for card in page.items] == [item.id]
    assert (page.items[0].price_from.minor, page.items[0].in_stock) == (5000, True)


async def test_an_archived_item_vanishes_from_search_and_cannot_be_bought(
    shop: Shop, potter: Seller, visitor: Guest, buyer: Guest
) -> None:
    item = await list_item(potter, "Xanthic saucer", "XANTHIC-1")
    await until_found(visitor, "xanthic", found=True)
    cart = await fill_cart(buyer, "XANTHIC-1")

    await potter.guest.post(f"/api/v1/seller/items/{item.id}/archive", {"version": item.version})
    await until_found(visitor, "xanthic", found=False)
    await until_status(visitor, item.id, 404)

    assert (await shop.place(buyer, cart)).refusal == (409, "offer_missing")


async def test_what_is_counted_is_what_can_be_sold(potter: Seller, visitor: Guest) -> None:
    item = await list_item(potter, "Counted cup", "COUNT-1", on_hand=5)
    level = await stock_of(potter, "COUNT-1")

    counted = await potter.guest.ask("PUT", "/api/v1/seller/stock/COUNT-1", {"on_hand": 9, "version": level.version})
    stale = await potter.guest.ask("PUT", "/api/v1/seller/stock/COUNT-1", {"on_hand": 1, "version": level.version})
    availability = await visitor.get(f"/api/v1/items/{item.id}/availability")

    assert counted.told(StockLevel).on_hand == 9
    assert stale.refusal == (409, "stale_version")
    assert availability.facts["items"] == [{"sku": "COUNT-1", "free": 9}]


async def test_what_was_sold_out_is_found_as_such_and_returns(shop: Shop, potter: Seller, buyer: Guest) -> None:
    item = await list_item(potter, "Quartz goblet", "QUARTZ-1", on_hand=1)
    await until_found(buyer, "quartz", found=True)

    checkout = await shop.bought(buyer, "QUARTZ-1")
    await until_found(buyer, "quartz&in_stock=true", found=False)
    await buyer.post(f"/api/v1/orders/{checkout.orders[0].id}/cancel")
    page = await until_found(buyer, "quartz&in_stock=true", found=True)

    assert [card.id for card in page.items] == [item.id]


async def test_a_suspended_sellers_items_vanish_until_they_are_reinstated(shop: Shop, buyer: Guest) -> None:
    smith = await shop.seller("Smith")
    item = await list_item(smith, "Wolfram anvil", "WOLFRAM-1")
    await until_found(buyer, "wolfram", found=True)
    cart = await fill_cart(buyer, "WOLFRAM-1")
    desk = f"/api/v1/staff/sellers/{smith.shop.id}"

    verdict = {"version": smith.shop.version, "reason": "Sold what was not theirs"}
    suspended = (await shop.staff.post(f"{desk}/suspend", verdict)).told(SellerView)
    await until_found(buyer, "wolfram", found=False)
    await until_status(buyer, item.id, 404)
    refused = await shop.place(buyer, cart)
    listed = await smith.guest.post("/api/v1/seller/items", {"title": "More", "currency": "EUR"})
    await shop.staff.post(f"{desk}/reinstate", {"version": suspended.version})
    await until_found(buyer, "wolfram", found=True)
    await until_status(buyer, item.id, 200)

    assert suspended.state == "suspended"
    assert refused.refusal == (409, "offer_missing")
    assert listed.status in {401, 403}
