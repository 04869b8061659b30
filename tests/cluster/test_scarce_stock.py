"""Invariant 3: many buyers at once, few units: all of them are sold, and none twice. And what it costs in memory."""

import asyncio
import random
from collections import Counter

import pytest

from tests.cluster import books
from tests.cluster.cluster import Cluster
from tests.cluster.shopping import Outcome, Wish, buy
from tests.cluster.town import PATIENCE_S, enter_all, fresh_skus, reach, sell

CLIENTS = 500
UNITS = 100
DRAINED_WITHIN_S = 120.0
RESIDENT_MOST_MIB = 160.0


@pytest.mark.parametrize("runs", [pytest.param(1, marks=pytest.mark.servers), pytest.param(20, marks=pytest.mark.soak)])
async def test_of_what_many_want_at_once_exactly_what_there_is_gets_sold(
    cluster: Cluster, dice: random.Random, runs: int
) -> None:
    for _ in range(runs):
        await _rush(cluster, dice)


async def _rush(cluster: Cluster, dice: random.Random) -> None:
    (sku,) = fresh_skus("SCARCE", 1)
    wish = Wish(lines={sku: 1}, patience_s=PATIENCE_S)
    async with reach(cluster.gateway, connections=CLIENTS) as gateway:
        await sell(gateway, {sku: UNITS})
        buyers = await enter_all(gateway)

        async with books.stock_watched(cluster, [sku]):
            operations = await asyncio.gather(*(buy(dice.choice(buyers), wish) for _ in range(CLIENTS)))
        await books.until_drained(cluster, within_s=DRAINED_WITHIN_S)

    states = {purchase.key: purchase.state for purchase in await books.purchases(cluster)}
    assert Counter(states[one.key] for one in operations) == {"confirmed": UNITS, "rejected": CLIENTS - UNITS}
    assert {states[one.key] for one in operations if one.confirmed} == {"confirmed"}
    refused = [one for one in operations if one.outcome is Outcome.FAILED]
    assert {(one.code, states[one.key]) for one in refused} == {("out_of_stock", "rejected")}
    assert Outcome.UNKNOWN not in {one.outcome for one in operations}
    assert await books.sold(cluster, [sku]) == {sku: UNITS}
    await books.require_sound_stock(cluster, {sku: UNITS})
    await books.require_sound_money(cluster)


@pytest.mark.servers
def test_every_process_stays_small(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    resident = cluster.resident_mib()

    with capsys.disabled():
        print("\nresident MiB:", ", ".join(f"{name} {mib:.0f}" for name, mib in resident.items()))  # noqa: T201
    assert max(resident.values()) < RESIDENT_MOST_MIB
