import pytest

from services.orders.domain.checkouts import CheckoutState
from tests.orders.api.customer import Customer, checkout_of, fill_cart_with
from tests.orders.market import ANNA, BEN, POTTER, POTTER_OWNER, WEAVER, WEAVER_OWNER, Market, offer

pytestmark = pytest.mark.embedded


@pytest.fixture
def anna(market: Market) -> Customer:
    return Customer(market.asker, ANNA, "buyer")


@pytest.fixture
async def potter(market: Market) -> Customer:
    await market.found_seller(POTTER, POTTER_OWNER)
    return Customer(market.asker, POTTER_OWNER, "seller")


@pytest.fixture
async def weaver(market: Market) -> Customer:
    await market.found_seller(WEAVER, WEAVER_OWNER)
    return Customer(market.asker, WEAVER_OWNER, "seller")


async def _order(market: Market, anna: Customer, **quantities: int) -> dict[str, object]:
    """The potter's one."""
    await market.sell(offer("MUG", 1200), offer("PLATE", 800), offer("RUG", 20_000, WEAVER))
    cart_id = await fill_cart_with(anna, quantities)
    bought = (await anna.post("/api/v1/checkouts", checkout_of(cart_id))).json()
    orders = bought["orders"]
    assert isinstance(orders, list)
    found: dict[str, object] = next(order for order in orders if order["seller_id"] == str(POTTER))
    return found


def _line_ids(order: dict[str, object]) -> dict[str, str]:
    lines = order["lines"]
    assert isinstance(lines, list)
    return {line["sku"]: line["id"] for line in lines}


async def test_a_seller_sees_and_ships_their_own_orders_only(
    market: Market, anna: Customer, potter: Customer, weaver: Customer
) -> None:
    order = await _order(market, anna, MUG=1, RUG=1)
    target = f"/api/v1/seller/orders/{order['id']}"

    mine = await potter.get("/api/v1/seller/orders?state=paid")
    detail = await potter.get(target)
    others = await weaver.get(target)
    shipped_by_other = await weaver.post(f"{target}/shipments", {"carrier": "Post"})

    items = mine.json()["items"]
    assert isinstance(items, list)
    assert [item["id"] for item in items] == [order["id"]]
    assert detail.json()["address"]
    assert (others.status, shipped_by_other.status) == (404, 404)


async def test_an_order_is_shipped_parcel_by_parcel_and_told(market: Market, anna: Customer, potter: Customer) -> None:
    order = await _order(market, anna, MUG=1, PLATE=2)
    target = f"/api/v1/seller/orders/{order['id']}"
    ids = _line_ids(order)

    first = await potter.post(f"{target}/shipments", {"carrier": "Post", "tracking": "A1", "line_ids": [ids["MUG"]]})
    twice = await potter.post(f"{target}/shipments", {"carrier": "Post", "line_ids": [ids["MUG"]]})
    second = await potter.post(f"{target}/shipments", {"carrier": "Post"})
    delivered = await potter.post(f"{target}/deliver", {})
    confirmed = await anna.post(f"/api/v1/orders/{order['id']}/confirm-delivery")

    assert (first.status, first.json()["state"]) == (201, "processing")
    assert (twice.status, twice.json()["code"]) == (422, "line_not_shippable")
    assert second.json()["state"] == "shipped"
    assert delivered.json()["state"] == "delivered"
    assert confirmed.json()["state"] == "completed"
    told = await market.told("orders.order.shipped")
    assert [told_one["tracking"] for told_one in told] == ["A1", None]
    assert len(await market.told("orders.order.delivered")) == 1
    assert len(await market.told("orders.order.completed")) == 1


async def test_the_history_says_who_did_what(market: Market, anna: Customer, potter: Customer) -> None:
    order = await _order(market, anna, MUG=1)
    await potter.post(f"/api/v1/seller/orders/{order['id']}/shipments", {"carrier": "Post"})
    await anna.post(f"/api/v1/orders/{order['id']}/confirm-delivery")

    history = (await anna.get(f"/api/v1/orders/{order['id']}")).json()["history"]

    assert isinstance(history, list)
    assert [(line["actor"], line["to_state"]) for line in history] == [
        ("buyer", "pending_payment"),
        ("system", "paid"),
        ("seller", "shipped"),
        ("buyer", "delivered"),
        ("buyer", "completed"),
    ]


async def test_a_buyer_cancels_before_anything_is_sent_and_gets_everything_back(
    market: Market, anna: Customer, potter: Customer
) -> None:
    order = await _order(market, anna, MUG=2)

    cancelled = await anna.post(f"/api/v1/orders/{order['id']}/cancel")
    shipped = await potter.post(f"/api/v1/seller/orders/{order['id']}/shipments", {"carrier": "Post"})

    assert cancelled.status == 200
    refunds = cancelled.json()["refunds"]
    assert isinstance(refunds, list)
    assert [(refund["state"], refund["amount"]["minor"]) for refund in refunds] == [("succeeded", 2400 + 490)]
    assert shipped.status in {409, 422}
    assert market.provider.kept_minor == 0
    assert market.items.sold["MUG"] == 0
    assert await market.account(f"seller:{POTTER}") == 0
    assert await market.account("commission") == 0
    await market.require_sound_books()


async def test_what_was_sent_cannot_be_cancelled(market: Market, anna: Customer, potter: Customer) -> None:
    order = await _order(market, anna, MUG=1)
    await potter.post(f"/api/v1/seller/orders/{order['id']}/shipments", {"carrier": "Post"})

    answer = await anna.post(f"/api/v1/orders/{order['id']}/cancel")

    assert (answer.status, answer.json()["code"]) == (409, "illegal_state")


async def test_a_seller_refunds_a_line_with_its_share_of_the_commission(
    market: Market, anna: Customer, potter: Customer
) -> None:
    order = await _order(market, anna, MUG=3)
    body = {"reason": "one broke", "lines": [{"line_id": _line_ids(order)["MUG"], "quantity": 1}]}

    refunded = await potter.post(f"/api/v1/seller/orders/{order['id']}/refunds", body)

    assert (refunded.status, refunded.json()["state"]) == (201, "succeeded")
    assert refunded.json()["amount"] == {"minor": 1200, "currency": "EUR"}
    assert await market.account("commission") == -240
    assert market.items.sold["MUG"] == 3
    assert market.provider.kept_minor == 2400 + 490
    await market.require_sound_books()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "x"}, "refund_empty"),
        ({"reason": "x", "shipping_minor": 491}, "refund_too_large"),
        ({"reason": "x", "lines": [{"line_id": str(ANNA), "quantity": 1}]}, "refund_line_unknown"),
    ],
)
async def test_a_refund_of_nothing_or_too_much_is_refused(
    market: Market, anna: Customer, potter: Customer, body: dict[str, object], code: str
) -> None:
    order = await _order(market, anna, MUG=1)

    answer = await potter.post(f"/api/v1/seller/orders/{order['id']}/refunds", body)

    assert answer.json()["code"] == code
    assert market.provider.refunds == {}


async def test_a_refund_the_bank_sends_back_is_the_sellers_again(
    market: Market, anna: Customer, potter: Customer
) -> None:
    order = await _order(market, anna, MUG=1)
    owed = await market.account(f"seller:{POTTER}")
    market.provider.refunds_end = "failed"

    refunded = await potter.post(
        f"/api/v1/seller/orders/{order['id']}/refunds", {"reason": "late", "shipping_minor": 490}
    )

    assert refunded.json()["state"] == "failed"
    assert await market.account(f"seller:{POTTER}") == owed
    assert len(await market.told("orders.order.refund_failed")) == 1
    await market.require_sound_books()


async def test_money_is_free_when_the_order_is_completed_and_then_paid_out_once(
    market: Market, anna: Customer, potter: Customer
) -> None:
    order = await _order(market, anna, MUG=2)
    staff = Customer(market.asker, BEN, "staff")
    before = (await potter.get("/api/v1/seller/balance")).json()
    await potter.post(f"/api/v1/seller/orders/{order['id']}/shipments", {"carrier": "Post"})
    early = await staff.post("/api/v1/staff/payouts", {})
    await anna.post(f"/api/v1/orders/{order['id']}/confirm-delivery")

    first = await staff.post("/api/v1/staff/payouts", {}, key="run")
    repeated = await staff.post("/api/v1/staff/payouts", {}, key="run")
    second = await staff.post("/api/v1/staff/payouts", {})
    payouts = (await potter.get("/api/v1/seller/payouts")).json()["items"]

    assert before["balances"] == [{"seller_id": str(POTTER), "currency": "EUR", "pending_minor": 2650, "free_minor": 0}]
    assert early.json()["payouts"] == []
    assert first.body == repeated.body
    assert second.json()["payouts"] == []
    assert isinstance(payouts, list)
    assert [payout["amount_minor"] for payout in payouts] == [2650]
    await market.require_sound_books()


async def test_an_order_nobody_complains_about_completes_by_itself(
    market: Market, anna: Customer, potter: Customer
) -> None:
    order = await _order(market, anna, MUG=1)
    await potter.post(f"/api/v1/seller/orders/{order['id']}/shipments", {"carrier": "Post"})
    await potter.post(f"/api/v1/seller/orders/{order['id']}/deliver", {})

    early = await market.complete_old()
    market.clock.advance(14 * 86_400 + 1)
    late = await market.complete_old()

    assert (early, late) == (0, 1)
    assert (await anna.get(f"/api/v1/orders/{order['id']}")).json()["order"]["state"] == "completed"  # type: ignore[index]


async def test_who_is_no_seller_or_no_staff_is_turned_away(market: Market, anna: Customer) -> None:
    impostor = Customer(market.asker, BEN, "seller")

    answers = [
        await anna.get("/api/v1/seller/orders"),
        await impostor.get("/api/v1/seller/balance"),
        await anna.get("/api/v1/staff/orders"),
        await impostor.post("/api/v1/staff/payouts", {}),
    ]

    assert [answer.status for answer in answers] == [403] * 4


async def test_staff_find_every_order_and_the_books_sum_to_zero(market: Market, anna: Customer) -> None:
    order = await _order(market, anna, MUG=1)
    staff = Customer(market.asker, BEN, "staff")

    found = await staff.get(f"/api/v1/staff/orders?buyer_id={ANNA}&state=paid")
    detail = await staff.get(f"/api/v1/staff/orders/{order['id']}")
    confirmed: CheckoutState = "confirmed"
    listed = await staff.get(f"/api/v1/staff/checkouts?state={confirmed}")
    books = (await staff.get("/api/v1/staff/ledger")).json()["accounts"]

    assert [item["id"] for item in _items(found.json())] == [order["id"]]
    assert detail.status == 200
    assert len(_items(listed.json())) == 1
    assert isinstance(books, list)
    assert sum(account["amount_minor"] for account in books) == 0


def _items(page: dict[str, object]) -> list[dict[str, object]]:
    items = page["items"]
    assert isinstance(items, list)
    return items
