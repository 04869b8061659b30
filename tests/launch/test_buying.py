"""The way of a purchase: paid, sent, arrived; called off; declined; confirmed with the bank."""

import pytest
from msgspec import Struct

from services.chassis.http.pages import Page
from services.orders.domain.details import OrderDetail
from services.orders.domain.views import CheckoutView, OrderView
from services.sandbox.domain.charges import Charge
from tests.launch.guest import Guest, until
from tests.launch.shop import Seller, Shop, list_item, stock_of

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]


class Books(Struct, frozen=True, kw_only=True):
    """One account a line; only what is needed of it."""

    accounts: list[dict[str, str | int | None]]

    @property
    def sums(self) -> dict[str, int]:
        """Per currency."""
        found: dict[str, int] = {}
        for account in self.accounts:
            currency, amount = str(account["currency"]), account["amount_minor"]
            assert isinstance(amount, int)
            found[currency] = found.get(currency, 0) + amount
        return found


async def followed(guest: Guest, checkout: CheckoutView) -> CheckoutView:
    return (await guest.get(f"/api/v1/checkouts/{checkout.id}")).told(CheckoutView)


async def detail(guest: Guest, order: OrderView) -> OrderDetail:
    return (await guest.get(f"/api/v1/orders/{order.id}")).told(OrderDetail)


async def charge_of(shop: Shop, checkout: CheckoutView) -> Charge:
    """As the payment provider has it."""
    charges = await shop.bank.get(f"/sandbox/v1/charges?reference={checkout.id}")
    return charges.told(Page[Charge]).items[0]


async def test_an_order_is_paid_sent_delivered_and_completed(shop: Shop, potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Everyday bowl", "BOWL-1", price_minor=2400, on_hand=5)

    checkout = await shop.bought(buyer, "BOWL-1")
    order = checkout.orders[0]
    desk = f"/api/v1/seller/orders/{order.id}"
    sent = await potter.guest.post(f"{desk}/shipments", {"carrier": "Parcel Post", "tracking": "SK1"})
    arrived = await potter.guest.post(f"{desk}/deliver", {})
    confirmed = await buyer.post(f"/api/v1/orders/{order.id}/confirm-delivery")

    assert (checkout.state, checkout.status, checkout.payment) == ("confirmed", "paid", "captured")
    assert checkout.total.minor == 2400 + 490
    assert [one.told(OrderView).state for one in (sent, arrived, confirmed)] == ["shipped", "delivered", "completed"]
    told = await detail(buyer, order)
    assert [entry.to_state for entry in told.history][-4:] == ["paid", "shipped", "delivered", "completed"]
    assert told.shipments[0].tracking == "SK1"
    level = await stock_of(potter, "BOWL-1")
    assert (level.on_hand, level.reserved) == (4, 0)
    assert (await charge_of(shop, checkout)).captured_minor == checkout.total.minor


async def test_one_purchase_of_two_sellers_is_two_orders_and_one_payment(
    shop: Shop, potter: Seller, weaver: Seller, buyer: Guest
) -> None:
    await list_item(potter, "Shared mug", "SHARED-MUG", price_minor=1000)
    await list_item(weaver, "Shared cloth", "SHARED-CLOTH", price_minor=2000)

    checkout = await shop.bought(buyer, "SHARED-MUG", "SHARED-CLOTH")

    assert {order.seller_id for order in checkout.orders} == {potter.shop.id, weaver.shop.id}
    assert sum(order.total.minor for order in checkout.orders) == checkout.total.minor
    assert (await charge_of(shop, checkout)).amount_minor == checkout.total.minor
    theirs = (await weaver.guest.get("/api/v1/seller/orders")).told(Page[OrderView]).items
    assert {order.seller_id for order in theirs} == {weaver.shop.id}


async def test_a_cancelled_order_gives_back_money_and_goods(shop: Shop, potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Regretted vase", "VASE-1", on_hand=3)
    checkout = await shop.bought(buyer, "VASE-1")

    cancelled = await buyer.post(f"/api/v1/orders/{checkout.orders[0].id}/cancel")
    again = await buyer.post(f"/api/v1/orders/{checkout.orders[0].id}/cancel")

    async def refunded() -> Charge | None:
        charge = await charge_of(shop, checkout)
        return charge if charge.refunded_minor == checkout.total.minor else None

    async def restocked() -> bool | None:
        return True if (await stock_of(potter, "VASE-1")).on_hand == 3 else None

    assert cancelled.told(OrderDetail).order.state == "cancelled"
    assert again.refusal == (409, "illegal_state")
    await until(refunded)
    await until(restocked)
    assert (await followed(buyer, checkout)).payment == "refunded"


async def test_a_declined_payment_leaves_the_stock_and_the_cart(shop: Shop, potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Wanted plate", "PLATE-1", on_hand=2)

    declined = await shop.buy(buyer, "PLATE-1", method="tok_insufficient_funds")
    level = await stock_of(potter, "PLATE-1")
    paid = await shop.buy(buyer, "PLATE-1")

    assert declined.refusal == (409, "payment_declined")
    assert declined.facts["reason"] == "insufficient_funds"
    assert (level.on_hand, level.reserved) == (2, 0)
    assert paid.status == 201


async def test_a_buyer_confirms_with_their_bank_and_the_order_is_paid(shop: Shop, potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Costly urn", "URN-1", on_hand=1)

    begun = await shop.buy(buyer, "URN-1", method="tok_requires_action")
    checkout = begun.told(CheckoutView)
    held = await stock_of(potter, "URN-1")
    charge = await charge_of(shop, checkout)
    approval = await shop.bank.ask("PUT", f"/sandbox/v1/charges/{charge.id}/approval", {"approved": True})

    async def confirmed() -> CheckoutView | None:
        now = await followed(buyer, checkout)
        return now if now.state == "confirmed" else None

    assert begun.status == 202
    assert (checkout.state, checkout.payment) == ("stock_held", "requires_action")
    assert (held.on_hand, held.reserved) == (1, 1)
    assert approval.status == 200
    assert (await until(confirmed)).payment == "captured"
    assert (await stock_of(potter, "URN-1")).on_hand == 0


async def test_a_buyer_whose_bank_says_no_loses_nothing(shop: Shop, potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Refused urn", "URN-2", on_hand=1)
    checkout = (await shop.buy(buyer, "URN-2", method="tok_requires_action")).told(CheckoutView)

    charge = await charge_of(shop, checkout)
    await shop.bank.ask("PUT", f"/sandbox/v1/charges/{charge.id}/approval", {"approved": False})

    async def failed() -> CheckoutView | None:
        now = await followed(buyer, checkout)
        return now if now.state == "payment_failed" else None

    await until(failed)
    level = await stock_of(potter, "URN-2")
    assert (level.on_hand, level.reserved) == (1, 0)


async def test_the_last_unit_is_sold_once(shop: Shop, potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Only jug", "JUG-1", on_hand=1)
    late = await shop.buyer("late")

    first = await shop.buy(buyer, "JUG-1")
    second = await shop.buy(late, "JUG-1")

    assert first.status == 201
    assert second.refusal == (409, "out_of_stock")


async def test_the_books_sum_to_nothing(shop: Shop, potter: Seller, buyer: Guest) -> None:
    await list_item(potter, "Booked bowl", "BOOKED-1")
    await shop.bought(buyer, "BOOKED-1")

    books = (await shop.staff.get("/api/v1/staff/ledger")).told(Books)

    assert books.accounts
    assert books.sums == {"EUR": 0}
