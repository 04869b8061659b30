"""Invariant 1: whichever process dies whenever, no order is lost, nothing is oversold, nobody is charged twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from tests.cluster import books
from tests.cluster.chaos import processes_dying
from tests.cluster.cluster import Cluster
from tests.cluster.shopping import CARD, Operation, Outcome, Wish, buy
from tests.cluster.town import enter_all, fresh_skus, reach, sell

KILL_EVERY_S = 2.0
CHECKOUT_EVERY_S = 0.2
FINAL_WITHIN_S = 120.0
PATIENCE_S = 90.0
SHELF = 6
UNITS_A_CHECKOUT = 2
"""Fewer than are asked for, so that the last unit of everything is fought over."""
METHODS = (*[CARD] * 7, "tok_declined", "tok_error_after", "tok_timeout_after")
ENDS = {"confirmed", "rejected", "payment_failed"}
REASONS = {"out_of_stock", "payment_declined"}


def _wish(dice: random.Random, skus: Sequence[str], number: int) -> Wish:
    return Wish(
        lines={sku: dice.randint(1, 2) for sku in dice.sample(skus, dice.randint(1, 3))},
        method=dice.choice(METHODS),
        begin_s=number * CHECKOUT_EVERY_S,
        patience_s=PATIENCE_S,
    )


@pytest.mark.parametrize(
    "checkouts", [pytest.param(200, marks=pytest.mark.servers), pytest.param(1_000, marks=pytest.mark.soak)]
)
async def test_no_order_is_lost_or_doubled_when_a_process_is_killed_every_two_seconds(
    cluster: Cluster, dice: random.Random, checkouts: int
) -> None:
    shelf = dict.fromkeys(fresh_skus("KILLED", SHELF), checkouts * UNITS_A_CHECKOUT // SHELF)
    async with reach(cluster.gateway) as gateway:
        await sell(gateway, shelf)
        buyers = await enter_all(gateway)
        wishes = [_wish(dice, list(shelf), number) for number in range(checkouts)]

        async with books.stock_watched(cluster, shelf), processes_dying(cluster, dice, every_s=KILL_EVERY_S) as victims:
            operations = await asyncio.gather(*(buy(dice.choice(buyers), wish) for wish in wishes))
        await books.until_drained(cluster, within_s=FINAL_WITHIN_S)

    assert len(victims) >= checkouts * CHECKOUT_EVERY_S / KILL_EVERY_S / 2
    await _require_as_told(cluster, operations)
    await books.require_sound_money(cluster)
    await books.require_sound_stock(cluster, shelf)


async def _require_as_told(cluster: Cluster, operations: Sequence[Operation]) -> None:
    known = {purchase.key: purchase for purchase in await books.purchases(cluster)}
    outcomes = Counter(one.outcome for one in operations)
    assert outcomes[Outcome.OK] > len(operations) // 2, outcomes
    for one in operations:
        placed = known.get(one.key)
        if one.outcome is Outcome.OK:
            assert placed, f"an acknowledged order is lost: {one}"
            assert placed.id == one.checkout_id, one
        assert one.code in REASONS or one.outcome is not Outcome.FAILED, one
        assert placed is None or placed.state in _promised(one), (one, placed)
        assert placed is None or placed.took_s <= FINAL_WITHIN_S, (one, placed)


def _promised(one: Operation) -> set[str]:
    """How it may end after what its client was told; 202 says only that it goes on."""
    match one.outcome:
        case Outcome.OK if one.confirmed:
            return {"confirmed"}
        case Outcome.FAILED:
            return ENDS - {"confirmed"}
        case _:
            return ENDS
