"""The hold runs out while the buyer pays: whatever happens in whatever order, nobody pays for what they do not get."""

import asyncio
import random
from collections.abc import Awaitable

import pytest

from services.orders.actions import webhooks
from services.orders.actions.checkout import call_off
from services.orders.api.replies import reply_of
from services.orders.domain.checkouts import CheckoutUnderWay, Group
from services.orders.domain.orders import IllegalMove
from services.orders.payments.port import ProviderEvent
from services.orders.store import checkouts
from tests.orders.market import Market, offer


async def _hear(market: Market, event: ProviderEvent) -> None:
    checkout_id = await webhooks.concerns(market.database, event)
    if checkout_id is not None:
        async with market.database.unit() as unit:
            await webhooks.hear(unit, market.provider.name, event, checkout_id, reply_of)


async def _call_off(market: Market, group: Group) -> None:
    try:
        async with market.database.unit() as unit:
            turned = call_off(unit, await checkouts.lock(unit, group.checkout.id))
    except (CheckoutUnderWay, IllegalMove):
        return
    await market.counter.saga.drive(turned)


async def _race(market: Market, dice: random.Random, number: int) -> None:
    """A buyer who must confirm does so about when the hold ends; others take the stock; news comes anyhow."""
    waiting = await market.buy(MUG=1, method="tok_action", key=f"race-{number}")
    charge = next(one for one in market.provider.charges.values() if one.reference == str(waiting.checkout.id))
    market.clock.advance(dice.choice([0, 60, 899, 900, 901, 1800]))
    if dice.random() < 0.4:
        await market.buy(MUG=market.items.free("MUG") or 1, key=f"rival-{number}")
    moves: list[Awaitable[object]] = [market.counter.saga.drive_due(), market.counter.saga.drive_due()]
    if dice.random() < 0.8 and charge.state == "requires_action":
        told = market.provider.approve(charge)
        moves += [_hear(market, told), _hear(market, told)]
    if dice.random() < 0.2:
        moves.append(_call_off(market, waiting))
    if dice.random() < 0.3:
        market.provider.silences.append((dice.choice(["capture", "void", "find"]), dice.choice(["before", "after"])))
    dice.shuffle(moves)
    await asyncio.gather(*moves)
    market.items.on_hand["MUG"] = market.items.reserved["MUG"] + dice.choice([1, 2, 5])


async def _run(market: Market, dice: random.Random, *, races: int) -> None:
    await market.sell(offer("MUG", 1200), on_hand=3)
    for number in range(races):
        await _race(market, dice, number)
    for _ in range(2):
        market.clock.advance(3600)
        await market.work()


async def _require_nobody_lost(market: Market) -> None:
    assert not market.provider.reserved
    await market.require_sound_books()
    await market.require_sound_stock()
    states = await market.states()
    assert set(states) <= {"confirmed", "expired", "cancelled", "rejected", "refunded"}
    assert states["confirmed"] > 0
    assert states["expired"] > 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_nobody_pays_without_getting_and_nothing_stays_reserved(market: Market, seed: int) -> None:
    await _run(market, random.Random(seed), races=100)

    await _require_nobody_lost(market)


@pytest.mark.soak
async def test_a_thousand_races_end_well(market: Market) -> None:
    await _run(market, random.Random(3), races=1000)

    await _require_nobody_lost(market)
