"""Carts through the gateway: a visitor's that becomes a user's, and prices that change under it."""

import pytest

from services.contracts.money import Money
from services.items.domain.items import Item
from services.orders.domain.views import CartView, CheckoutView
from tests.launch.guest import Guest, until
from tests.launch.shop import Seller, Shop, fill_cart, list_item

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]


async def reprice(seller: Seller, item_id: object, sku: str, price_minor: int) -> None:
    """Until carts are quoted the new price."""
    path = f"/api/v1/seller/items/{item_id}"
    item = (await seller.guest.get(path)).told(Item)
    change = {"version": item.version, "price": Money(minor=price_minor, currency="EUR")}
    (await seller.guest.ask("PATCH", f"{path}/variants/{sku}", change)).told(Item)

    async def quoted() -> bool | None:
        cart = await fill_cart(seller.guest, sku)
        return True if cart.lines[0].unit_price.minor == price_minor else None

    await until(quoted)


async def test_a_visitors_cart_joins_the_users_own_after_login(shop: Shop, potter: Seller) -> None:
    await list_item(potter, "Merged mug", "MERGE-1")
    await list_item(potter, "Merged bowl", "MERGE-2")
    buyer, visitor = await shop.buyer(), shop.visitor()
    own = await fill_cart(buyer, "MERGE-1", quantity=2)
    theirs = await fill_cart(visitor, "MERGE-1", "MERGE-2")

    merged = await buyer.post(f"/api/v1/carts/{theirs.id}/merge", x_cart_token=theirs.token or "")

    cart = merged.told(CartView)
    assert cart.id == own.id
    assert {line.sku: line.quantity for line in cart.lines} == {"MERGE-1": 3, "MERGE-2": 1}
    assert (await visitor.get(f"/api/v1/carts/{theirs.id}", x_cart_token=theirs.token or "")).status == 404
    assert (await shop.place(buyer, cart)).status == 201


async def test_a_visitors_cart_opens_with_its_token_alone(shop: Shop, potter: Seller, visitor: Guest) -> None:
    await list_item(potter, "Private mug", "PRIVATE-1")
    cart = await fill_cart(visitor, "PRIVATE-1")

    with_it = await visitor.get(f"/api/v1/carts/{cart.id}", x_cart_token=cart.token or "")
    without = await visitor.get(f"/api/v1/carts/{cart.id}")
    guessed = await visitor.get(f"/api/v1/carts/{cart.id}", x_cart_token="A" * 43)
    other = await (await shop.buyer()).get(f"/api/v1/carts/{cart.id}")

    assert with_it.status == 200
    assert [heard.refusal for heard in (without, guessed, other)] == [(404, "cart_missing")] * 3


async def test_a_changed_price_is_told_before_anything_is_charged(shop: Shop, potter: Seller, buyer: Guest) -> None:
    item = await list_item(potter, "Dearer mug", "DEAR-1", price_minor=1900)
    cart = await fill_cart(buyer, "DEAR-1")
    await reprice(potter, item.id, "DEAR-1", 2100)

    refused = await shop.place(buyer, cart)
    shown = (await buyer.get(f"/api/v1/carts/{cart.id}")).told(CartView)
    accepted = await shop.place(buyer, cart)

    assert refused.refusal == (409, "price_changed")
    assert refused.facts["changes"] == [{"sku": "DEAR-1", "old_minor": 1900, "new_minor": 2100, "currency": "EUR"}]
    assert shown.lines[0].unit_price.minor == 2100
    assert accepted.told(CheckoutView).total.minor == 2100 + 490


async def test_a_price_sent_by_a_client_is_refused(potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Cheap mug", "CHEAP-1")
    line = {"sku": "CHEAP-1", "quantity": 1, "unit_price": {"minor": 1, "currency": "EUR"}}

    heard = await buyer.post("/api/v1/carts", {"lines": [line]})

    assert heard.refusal == (400, "malformed")
