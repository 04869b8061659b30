import asyncio

import pytest

from services.orders.actions.checkout import call_off
from services.orders.actions.reviewing import resolve
from services.orders.domain.carts import CartChanged
from services.orders.domain.checkouts import Refusal
from services.orders.domain.history import staff
from services.orders.store import checkouts
from tests.orders.market import BEN, POTTER, WEAVER, Market, offer


async def test_a_checkout_that_goes_well_is_confirmed_at_once(market: Market) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))

    bought = await market.buy(MUG=2, RUG=1)

    assert bought.checkout.state == "confirmed"
    assert [step.state for step in bought.checkout.steps] == [
        "created",
        "stock_held",
        "authorized",
        "stock_committed",
        "captured",
        "confirmed",
    ]
    assert {order.seller_id: order.state for order in bought.orders} == {POTTER: "paid", WEAVER: "paid"}
    assert market.items.asked == ["hold", "commit"]
    assert market.provider.asked == ["authorize", "capture"]
    await market.require_sound_books()
    await market.require_sound_stock()


async def test_each_seller_is_owed_the_price_and_shipping_without_the_commission(market: Market) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))

    await market.buy(MUG=2, RUG=1)

    assert await market.account(f"seller:{POTTER}") == -(2400 + 490 - 240)
    assert await market.account(f"seller:{WEAVER}") == -(20_000 - 2000)
    assert await market.account("commission") == -2240
    assert await market.account("provider:fake") == 2400 + 490 + 20_000


async def test_second_buyer_of_the_last_item_is_refused_and_not_charged(market: Market) -> None:
    await market.sell(offer("MUG", 1200), on_hand=1)

    first = await market.buy(MUG=1, key="first")
    second = await market.buy(MUG=1, key="second")

    assert first.checkout.state == "confirmed"
    assert second.checkout.state == "rejected"
    assert second.checkout.refusal == Refusal(code="out_of_stock", sku="MUG", free=0)
    assert [order.state for order in second.orders] == ["cancelled"]
    assert len(market.provider.charges) == 1
    await market.require_sound_stock()


async def test_a_declined_payment_gives_the_stock_back_and_opens_the_cart_again(market: Market) -> None:
    await market.sell(offer("MUG", 1200))

    failed = await market.buy(MUG=1, method="tok_declined")

    assert failed.checkout.state == "payment_failed"
    assert failed.checkout.refusal == Refusal(code="payment_declined", reason="insufficient_funds")
    assert (await market.find_cart(failed.checkout.cart_id)).checkout_id is None
    await market.require_sound_stock()
    await market.require_sound_books()


async def test_a_price_that_items_holds_differently_is_refused_before_money_is_asked_for(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    group = await market.begin(await market.cart(MUG=1))
    market.items.stock(offer("MUG", 1300), 10)

    refused = await market.counter.saga.drive(group, first=True)

    change: dict[str, str | int] = {"sku": "MUG", "old_minor": 1200, "new_minor": 1300, "currency": "EUR"}
    assert refused.checkout.state == "rejected"
    assert refused.checkout.refusal == Refusal(code="price_changed", changes=[change])
    assert market.provider.asked == []
    await market.require_sound_stock()


async def test_a_cart_is_bought_once(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    cart = await market.cart(MUG=1)
    await market.begin(cart, key="first")

    with pytest.raises(CartChanged):
        await market.begin(cart, key="second")

    assert len(market.provider.charges) == 0


@pytest.mark.parametrize("lost", ["before", "after"])
@pytest.mark.parametrize("ask", ["authorize", "capture"])
async def test_a_provider_that_falls_silent_is_asked_again_under_the_same_key(
    market: Market, ask: str, lost: str
) -> None:
    await market.sell(offer("MUG", 1200))
    market.provider.silences.append((ask, lost))

    left = await market.buy(MUG=1)
    await market.work()

    assert left.checkout.state in {"stock_held", "stock_committed"}
    assert (await market.now(left)).checkout.state == "confirmed"
    assert len(market.provider.charges) == 1
    await market.require_sound_books()
    await market.require_sound_stock()


@pytest.mark.parametrize("lost", ["before", "after"])
@pytest.mark.parametrize("ask", ["hold", "commit"])
async def test_items_that_fall_silent_are_asked_again_for_the_same_hold(market: Market, ask: str, lost: str) -> None:
    await market.sell(offer("MUG", 1200), on_hand=1)
    market.items.silences.append((ask, lost))

    left = await market.buy(MUG=1)
    await market.work()

    assert left.checkout.state in {"created", "authorized"}
    assert (await market.now(left)).checkout.state == "confirmed"
    await market.require_sound_books()
    await market.require_sound_stock()


async def test_the_longer_somebody_is_silent_the_longer_the_pauses(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    market.provider.silences.extend([("authorize", "before"), ("find", "before"), ("find", "before")])
    left = await market.buy(MUG=1)
    first = left.checkout.due_at

    again = await market.counter.saga.drive(left)
    last = await market.counter.saga.drive(again)

    assert first is not None
    assert last.checkout.due_at is not None
    assert [left.checkout.attempts, again.checkout.attempts, last.checkout.attempts] == [1, 2, 3]
    assert (first - market.clock()).total_seconds() == 1
    assert (last.checkout.due_at - market.clock()).total_seconds() == 4


async def test_two_who_drive_the_same_checkout_make_one_order(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    group = await market.begin(await market.cart(MUG=1))

    driven = await asyncio.gather(*(market.counter.saga.drive(group) for _ in range(5)))

    assert {one.checkout.state for one in driven} == {"confirmed"}
    assert {one.checkout.version for one in driven} == {2}
    assert len(market.provider.charges) == 1
    await market.require_sound_books()
    await market.require_sound_stock()


async def test_a_refusal_nobody_can_explain_goes_to_a_human_who_can_give_everything_back(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    waiting = await market.buy(MUG=1, method="tok_action")
    charge = next(iter(market.provider.charges.values()))
    charge.state = "declined"
    charge_id = charge.id
    async with market.database.unit() as unit:
        turned = call_off(unit, await checkouts.lock(unit, waiting.checkout.id))

    stuck = await market.counter.saga.drive(turned)
    market.provider.charges[charge_id].state = "requires_action"
    async with market.database.unit() as unit:
        locked = await checkouts.lock(unit, waiting.checkout.id)
        resumed = resolve(unit, locked, "turn_back", note="asked the provider", actor=staff(BEN))
    ended = await market.counter.saga.drive(resumed)

    assert stuck.checkout.state == "manual_review"
    assert ended.checkout.state == "cancelled"
    assert not market.provider.reserved
    await market.require_sound_stock()
