from uuid import UUID

import msgspec
import pytest

from services.orders.domain.views import CheckoutView
from tests.orders.api.customer import HOME, Customer, buy, checkout_of, fill_cart
from tests.orders.market import ANNA, BEN, POTTER, WEAVER, Market, offer

pytestmark = pytest.mark.embedded


@pytest.fixture
def anna(market: Market) -> Customer:
    return Customer(market.asker, ANNA, "buyer")


async def test_a_cart_becomes_one_payment_and_one_order_a_seller(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))

    answer = await buy(anna, MUG=2, RUG=1)

    assert answer.status == 201, answer.body
    view = msgspec.json.decode(answer.body, type=CheckoutView)
    assert (view.state, view.status, view.payment) == ("confirmed", "paid", "captured")
    assert view.total.minor == 2400 + 490 + 20_000
    assert {order.seller_id for order in view.orders} == {POTTER, WEAVER}
    assert view.orders[0].tax.minor == 383


async def test_the_same_key_repeats_the_answer_and_buys_nothing_more(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    cart_id = await fill_cart(anna, MUG=1)

    first = await anna.post("/api/v1/checkouts", checkout_of(cart_id), key="once")
    second = await anna.post("/api/v1/checkouts", checkout_of(cart_id), key="once")

    assert (first.status, second.status) == (201, 201)
    assert second.body == first.body
    assert second.headers["idempotency-replayed"] == "true"
    assert len(market.provider.charges) == 1


async def test_the_same_key_repeats_a_refusal(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    cart_id = await fill_cart(anna, MUG=1)

    first = await anna.post("/api/v1/checkouts", checkout_of(cart_id, "tok_declined"), key="once")
    second = await anna.post("/api/v1/checkouts", checkout_of(cart_id, "tok_declined"), key="once")

    assert (first.status, second.status) == (409, 409)
    assert first.json()["code"] == second.json()["code"] == "payment_declined"
    assert first.json()["reason"] == "insufficient_funds"
    assert first.json()["checkout_id"] == second.json()["checkout_id"]


async def test_the_same_key_for_another_purchase_is_refused(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    await buy(anna, MUG=1, key="once")

    other = await buy(anna, MUG=2, key="once")

    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_without_a_key_nothing_is_bought(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))

    answer = await buy(anna, MUG=1, key="")

    assert (answer.status, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert market.items.asked == []


async def test_a_changed_price_is_told_and_accepted_by_the_second_try(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    cart_id = await fill_cart(anna, MUG=1)
    await market.reprice(offer("MUG", 1300))

    first = await anna.post("/api/v1/checkouts", checkout_of(cart_id))
    second = await anna.post("/api/v1/checkouts", checkout_of(cart_id))

    assert (first.status, first.json()["code"]) == (409, "price_changed")
    assert first.json()["changes"] == [{"sku": "MUG", "old_minor": 1200, "new_minor": 1300, "currency": "EUR"}]
    assert second.status == 201
    assert msgspec.json.decode(second.body, type=CheckoutView).orders[0].items.minor == 1300


async def test_a_buyer_who_must_confirm_is_told_where_and_can_follow_and_cancel(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))

    placed = await buy(anna, MUG=1, method="tok_action")
    target = f"/api/v1/checkouts/{placed.json()['id']}"
    followed = await anna.get(target)
    cancelled = await anna.post(f"{target}/cancel")
    again = await anna.post(f"{target}/cancel")

    assert placed.status == 202
    assert str(followed.json()["action_url"]).startswith("https://bank.example/")
    assert (cancelled.status, cancelled.json()["state"]) == (200, "cancelled")
    assert (again.status, again.json()["code"]) == (409, "illegal_state")
    assert not market.provider.reserved


async def test_a_provider_that_does_not_answer_makes_it_202_and_the_worker_finishes(
    market: Market, anna: Customer
) -> None:
    await market.sell(offer("MUG", 1200))
    cart_id = await fill_cart(anna, MUG=1)
    market.provider.silences.append(("capture", "after"))

    placed = await anna.post("/api/v1/checkouts", checkout_of(cart_id), key="once")
    await market.work()
    repeated = await anna.post("/api/v1/checkouts", checkout_of(cart_id), key="once")

    assert (placed.status, placed.json()["state"]) == (202, "stock_committed")
    assert (repeated.status, repeated.json()["state"]) == (201, "confirmed")


async def test_another_users_cart_and_checkout_do_not_exist(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    ben = Customer(market.asker, BEN, "buyer")
    cart_id = await fill_cart(anna, MUG=1)
    bought = await buy(anna, MUG=1)

    stolen = await ben.post("/api/v1/checkouts", checkout_of(cart_id))
    seen = await ben.get(f"/api/v1/checkouts/{bought.json()['id']}")

    assert (stolen.status, stolen.json()["code"]) == (404, "cart_missing")
    assert (seen.status, seen.json()["code"]) == (404, "checkout_missing")


async def test_a_saved_address_is_asked_of_users(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    cart_id = await fill_cart(anna, MUG=1)
    body = {"cart_id": cart_id, "payment_method": "tok_ok", "address_id": str(BEN)}

    unknown = await anna.post("/api/v1/checkouts", body)
    known = await anna.post("/api/v1/checkouts", body | {"address_id": str(ANNA)})
    both = await anna.post("/api/v1/checkouts", body | {"address": HOME})

    assert (unknown.status, unknown.json()["code"]) == (404, "address_missing")
    assert known.status == 201
    assert (both.status, both.json()["code"]) == (422, "address_required")


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_minor": 1},
        {"payment_method": ""},
        {"payment_method": 4111111111111111},
        {"address": {**HOME, "country": "Switzerland"}},
        {"cart_id": "1"},
    ],
)
async def test_a_purchase_that_cannot_be_read_leaves_nothing(
    market: Market, anna: Customer, wrong: dict[str, object]
) -> None:
    await market.sell(offer("MUG", 1200))
    cart_id = await fill_cart(anna, MUG=1)

    answer = await anna.post("/api/v1/checkouts", checkout_of(cart_id) | wrong)

    assert (answer.status, answer.json()["code"]) == (400, "malformed")
    assert (await market.find_cart(UUID(cart_id))).checkout_id is None
