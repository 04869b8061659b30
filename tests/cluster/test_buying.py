"""Through the gateway, every service a process of its own: a purchase, and what is asked many times at once."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from services.auth.actions.granting import Grant
from services.items.domain.searching import SearchPage
from services.launch.seed.people import PASSWORD
from services.orders.domain.details import OrderDetail
from services.orders.domain.views import CheckoutView
from tests.cluster import books
from tests.cluster.cluster import Cluster
from tests.cluster.shopping import IN_FLIGHT, fill_cart, purchase_of
from tests.cluster.town import BUYERS, PATIENCE_S, SELLER, enter, fresh_skus, reach, sell
from tests.launch.guest import Guest, until

pytestmark = pytest.mark.servers

AT_ONCE = 50
REFRESHES = 20


async def test_an_item_is_found_bought_and_sent(cluster: Cluster) -> None:
    (lamp,) = fresh_skus("LAMP", 1)
    async with reach(cluster.gateway) as gateway:
        items = await sell(gateway, {lamp: 3})
        buyer, seller = await enter(gateway, BUYERS[0]), await enter(gateway, SELLER)

        async def find() -> UUID | None:
            found = (await buyer.get("/api/v1/search?text=lamp")).told(SearchPage).items
            return next((card.id for card in found if card.id == items[lamp]), None)

        await until(find, timeout_s=PATIENCE_S)
        cart_id = await fill_cart(buyer, {lamp: 2})
        bought = (await buyer.post("/api/v1/checkouts", purchase_of(cart_id))).told(CheckoutView)
        order = f"/api/v1/seller/orders/{bought.orders[0].id}"
        (await seller.post(f"{order}/shipments", {"carrier": "Post"})).told(object)
        (await seller.post(f"{order}/deliver", {})).told(object)
        seen = (await buyer.get(f"/api/v1/orders/{bought.orders[0].id}")).told(OrderDetail)

    assert (bought.state, seen.order.state) == ("confirmed", "delivered")
    await books.require_sound_money(cluster)
    await books.require_sound_stock(cluster, {lamp: 3})


async def test_a_checkout_sent_fifty_times_at_once_under_one_key_buys_once(cluster: Cluster) -> None:
    (sku,) = fresh_skus("ONCE", 1)
    async with reach(cluster.gateway) as gateway:
        await sell(gateway, {sku: 60})
        buyer = await enter(gateway, BUYERS[0])
        purchase = purchase_of(await fill_cart(buyer, {sku: 1}))

        heard = await asyncio.gather(
            *(buyer.post("/api/v1/checkouts", purchase, idempotency_key=sku) for _ in range(AT_ONCE))
        )
        again = await buyer.post("/api/v1/checkouts", purchase, idempotency_key=sku)
        other = await buyer.post("/api/v1/checkouts", {**purchase, "payment_method": "tok_slow"}, idempotency_key=sku)
        keyless = await buyer.post("/api/v1/checkouts", purchase, idempotency_key="")

    assert {one.refusal for one in heard} - {(409, IN_FLIGHT)} == {(201, None)}
    assert {one.body for one in heard if one.status == 201} == {again.body}
    assert other.refusal == (422, "idempotency_key_reused")
    assert keyless.refusal == (400, "idempotency_key_missing")
    await books.require_sound_money(cluster)
    assert (await books.sold(cluster, [sku]))[sku] == 1
    await books.require_sound_stock(cluster, {sku: 60})


async def test_of_twenty_refreshes_at_once_one_wins_and_the_session_ends(cluster: Cluster) -> None:
    async with reach(cluster.gateway) as gateway:
        buyer = Guest(gateway)
        granted = await buyer.log_in(BUYERS[1], PASSWORD)

        body = {"refresh_token": granted.refresh_token}
        heard = await asyncio.gather(
            *(buyer.post("/api/v1/auth/refresh", body, idempotency_key="") for _ in range(REFRESHES))
        )
        winner = next(one for one in heard if one.status == 200).told(Grant)
        afterwards = await buyer.post("/api/v1/auth/refresh", {"refresh_token": winner.refresh_token})

    assert Counter(one.status for one in heard) == {200: 1, 401: REFRESHES - 1}
    assert afterwards.status == 401
