import asyncio
import random
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.contracts.money import Money
from services.orders.actions import webhooks
from services.orders.actions.refunds import give_back
from services.orders.api.replies import reply_of
from services.orders.domain.checkouts import Group
from services.orders.domain.history import seller
from services.orders.domain.refunds import everything
from services.orders.payments.port import Disputed, ProviderEvent
from services.orders.store import checkouts, refunds
from services.orders.tables import PROVIDER_EVENTS
from tests.orders.market import POTTER, POTTER_OWNER, WEAVER, Market, offer


async def _hear(market: Market, event: ProviderEvent) -> None:
    checkout_id = await webhooks.concerns(market.database, event)
    if checkout_id is not None:
        async with market.database.unit() as unit:
            await webhooks.hear(unit, market.provider.name, event, checkout_id, reply_of)


async def _hear_anyway(market: Market, event: ProviderEvent, checkout_id: UUID) -> None:
    async with market.database.unit() as unit:
        await webhooks.hear(unit, "fake", event, checkout_id, reply_of)


async def _handled(market: Market) -> int:
    async with market.database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(PROVIDER_EVENTS))).scalar_one()


async def _waiting(market: Market) -> Group:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))
    return await market.buy(MUG=1, RUG=1, method="tok_action")


async def test_a_buyer_who_confirms_with_their_bank_gets_the_order(market: Market) -> None:
    waiting = await _waiting(market)

    await _hear(market, market.provider.approve(market.provider.reserved[0]))
    await market.work()

    assert waiting.checkout.waiting
    assert (await market.now(waiting)).checkout.state == "confirmed"
    await market.require_sound_books()
    await market.require_sound_stock()


async def test_without_a_webhook_the_answer_is_asked_for_when_the_hold_ends(market: Market) -> None:
    waiting = await _waiting(market)
    market.provider.approve(market.provider.reserved[0])
    market.clock.advance(16 * 60)

    await market.work()

    assert (await market.now(waiting)).checkout.state == "confirmed"
    await market.require_sound_stock()


async def test_a_confirmation_whose_webhook_was_lost_is_found_by_asking_long_before_the_hold_ends(
    market: Market,
) -> None:
    waiting = await _waiting(market)
    market.provider.approve(market.provider.reserved[0])
    market.clock.advance(15)

    await market.counter.saga.drive_due()

    assert (await market.now(waiting)).checkout.state == "confirmed"
    await market.require_sound_books()


async def test_the_longer_a_buyer_takes_the_rarer_the_provider_is_asked_and_never_after_the_hold(
    market: Market,
) -> None:
    waiting = await _waiting(market)
    began = waiting.checkout.created_at
    asked_after_s = []

    while (due_at := (await market.now(waiting)).checkout.due_at) is not None:
        market.clock.advance((due_at - market.clock()).total_seconds())
        asked_after_s.append((market.clock() - began).total_seconds())
        await market.counter.saga.drive_due()

    assert asked_after_s == [15, 30, 60, 120, 240, 480, 900]
    assert (await market.now(waiting)).checkout.state == "expired"


async def test_news_of_what_is_known_changes_nothing_and_is_not_kept(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    bought = await market.buy(MUG=1)

    for event in market.provider.events * 2:
        await _hear(market, event)

    assert await market.now(bought) == bought
    assert await _handled(market) == 0


async def test_the_same_event_is_handled_once(market: Market) -> None:
    await _waiting(market)
    event = market.provider.approve(market.provider.reserved[0])

    found = await webhooks.concerns(market.database, event)
    assert found is not None

    await asyncio.gather(*(_hear_anyway(market, event, found) for _ in range(5)))

    assert await _handled(market) == 1


@pytest.mark.parametrize("seed", range(5))
async def test_every_event_thrice_and_shuffled_ends_the_same(market: Market, seed: int) -> None:
    waiting = await _waiting(market)
    market.provider.approve(market.provider.reserved[0])
    events = market.provider.events * 3
    random.Random(seed).shuffle(events)

    for event in events:
        await _hear(market, event)
    await market.work()
    for event in random.Random(seed).sample(market.provider.events, len(market.provider.events)):
        await _hear(market, event)
    await market.work()

    assert (await market.now(waiting)).checkout.state == "confirmed"
    await market.require_sound_books()
    await market.require_sound_stock()


async def test_money_that_comes_after_the_end_goes_back_by_itself(market: Market) -> None:
    waiting = await _waiting(market)
    charge = market.provider.reserved[0]
    market.clock.advance(16 * 60)
    await market.work()
    expired = await market.now(waiting)

    await _hear(market, market.provider.capture_behind_our_back(charge))
    await market.work()

    assert expired.checkout.state == "expired"
    assert (await market.now(waiting)).checkout.state == "refunded"
    assert market.provider.kept_minor == 0
    await market.require_sound_books()
    await market.require_sound_stock()


async def test_paying_after_the_hold_has_ended_takes_stock_again_if_there_is_some(market: Market) -> None:
    waiting = await _waiting(market)
    market.clock.advance(15 * 60)

    await _hear(market, market.provider.approve(market.provider.reserved[0]))
    await market.work()

    now = await market.now(waiting)
    assert (now.checkout.state, now.checkout.hold_attempt) == ("confirmed", 2)
    await market.require_sound_stock()


async def test_paying_after_the_hold_has_ended_and_the_stock_has_gone_releases_the_money(market: Market) -> None:
    waiting = await _waiting(market)
    market.clock.advance(15 * 60)
    market.items.on_hand["MUG"] = 0

    await _hear(market, market.provider.approve(market.provider.reserved[0]))
    await market.work()

    now = await market.now(waiting)
    assert now.checkout.state == "expired"
    assert now.checkout.refusal is not None
    assert now.checkout.refusal.code == "out_of_stock"
    assert [charge.state for charge in market.provider.charges.values()] == ["voided"]
    await market.require_sound_stock()


@pytest.mark.parametrize("end", ["succeeded", "failed"])
async def test_a_pending_refund_ends_as_the_provider_tells(market: Market, end: str) -> None:
    await market.sell(offer("MUG", 1200))
    bought = await market.buy(MUG=1)
    market.provider.refunds_end = "pending"
    async with market.database.unit() as unit:
        group = await checkouts.lock(unit, bought.checkout.id)
        wanted = everything(group.orders[0], "broken")
        pending = give_back(unit, group, group.orders[0].id, wanted, actor=seller(POTTER_OWNER))
    await market.counter.refunding.drive(pending.id)
    booked = market.provider.refunds[str(pending.id)]

    event = market.provider.end_refund(booked, "succeeded" if end == "succeeded" else "failed")
    await _hear(market, event)
    await _hear(market, event)
    market.clock.advance(60)
    await market.work()

    ended = await refunds.find(market.database, pending.id)
    assert ended is not None
    assert ended.state == end
    assert ended.restocked == (end == "succeeded")
    assert market.items.sold["MUG"] == (0 if end == "succeeded" else 1)
    await market.require_sound_books()


async def _dispute(market: Market, bought: Group, *, kept: bool | None, number: int) -> None:
    charge_id = bought.checkout.charge.provider_id or ""
    amount = Money(minor=bought.checkout.total_minor, currency="EUR")
    told = Disputed(charge_id=charge_id, dispute_id="dp_1", amount=amount, reason="fraudulent", kept=kept)
    await _hear(market, ProviderEvent(event_id=f"dp_ev_{number}", occurred_at=market.clock(), outcome=told))


@pytest.mark.parametrize("order", [(None, True), (True, None), (True, True)])
async def test_a_dispute_freezes_the_orders_and_a_dismissed_one_frees_them(
    market: Market, order: tuple[bool | None, bool | None]
) -> None:
    await market.sell(offer("MUG", 1200))
    bought = await market.buy(MUG=1)

    for number, kept in enumerate(order):
        await _dispute(market, bought, kept=kept, number=number)

    now = await market.now(bought)
    assert now.orders[0].state == "paid"
    assert len(await market.told("orders.order.disputed")) == 1
    assert [told["outcome"] for told in await market.told("orders.order.dispute_closed")] == ["dismissed"]
    await market.require_sound_books()


async def test_a_lost_dispute_takes_the_money_from_seller_and_commission(market: Market) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))
    bought = await market.buy(MUG=1, RUG=1)

    await _dispute(market, bought, kept=None, number=1)
    frozen = await market.now(bought)
    await _dispute(market, bought, kept=False, number=2)

    now = await market.now(bought)
    assert {order.state for order in frozen.orders} == {"disputed"}
    assert {order.state for order in now.orders} == {"refunded"}
    assert await market.account("provider:fake") == 0
    assert await market.account(f"seller:{POTTER}") == 0
    assert await market.account("commission") == 0
