"""Invariants 6 and 11: the broker and the database die under load and come back."""

import asyncio
import itertools
import time
from collections.abc import Iterable, Sequence
from uuid import UUID

import pytest

from services.chassis.wire.port import Upstream
from services.gateway.domain.breaker import OPEN_S
from tests.cluster import books
from tests.cluster.cluster import Cluster
from tests.cluster.shopping import Operation, Outcome, Wish, buy
from tests.cluster.snapshots import announced
from tests.cluster.town import PATIENCE_S, SELLER, enter, enter_all, fresh_skus, reach, sell
from tests.cluster.witness import call_witness, events_witnessed
from tests.launch.guest import Guest, until

CHECKOUT_EVERY_S = 0.2
POOLS_RECOVER_S = 5.0
NEXT_LOOK_S = 0.2
BACKLOG_DRAINS_S = 60.0
FINAL_WITHIN_S = 120.0


@pytest.mark.parametrize(
    ("kills", "checkouts"),
    [pytest.param(1, 40, marks=pytest.mark.servers), pytest.param(5, 300, marks=pytest.mark.soak)],
)
async def test_what_was_acknowledged_survives_the_kill_of_postgres_and_pools_recover(
    cluster: Cluster, kills: int, checkouts: int
) -> None:
    shelf = dict(zip(fresh_skus("POSTGRES", 2), (checkouts, checkouts // 4), strict=True))
    async with reach(cluster.gateway) as gateway:
        await sell(gateway, shelf)
        seller = await enter(gateway, SELLER)

        buying = asyncio.create_task(_buy_in_turns(gateway, shelf, checkouts))
        took_s: list[float] = []
        for _ in range(kills):
            await asyncio.sleep(checkouts * CHECKOUT_EVERY_S / (kills + 1))
            async with cluster.away("postgres"):
                pass
            took_s.append(await _until_read_everywhere(seller))
        operations = await buying
        await books.until_drained(cluster, within_s=FINAL_WITHIN_S)

    # The gateway leaves alone for a while whoever has not answered.
    assert max(took_s) < POOLS_RECOVER_S + OPEN_S
    await _require_kept(cluster, operations)
    await books.require_sound_money(cluster)
    await books.require_sound_stock(cluster, shelf)


@pytest.mark.parametrize(
    ("away_s", "checkouts"),
    [pytest.param(5.0, 40, marks=pytest.mark.servers), pytest.param(60.0, 300, marks=pytest.mark.soak)],
)
async def test_checkouts_go_on_without_the_broker_and_it_gets_every_event_afterwards(
    cluster: Cluster, away_s: float, checkouts: int
) -> None:
    (sku,) = fresh_skus("BROKER", 1)
    async with reach(cluster.gateway) as gateway:
        await sell(gateway, {sku: checkouts})
        await books.until_drained(cluster, within_s=BACKLOG_DRAINS_S)
        before = await _event_ids(cluster)
        await call_witness(cluster)

        async with cluster.away("rabbitmq"):
            buying = asyncio.create_task(_buy_in_turns(gateway, [sku], checkouts))
            await asyncio.sleep(away_s)
            during = await books.unpublished(cluster)
        operations = await buying
        await books.until_drained(cluster, within_s=BACKLOG_DRAINS_S)

    states = {purchase.key: purchase.state for purchase in await books.purchases(cluster)}
    assert {operation.outcome for operation in operations} == {Outcome.OK}
    assert {states[operation.key] for operation in operations} == {"confirmed"}
    assert during > 0
    assert (await _event_ids(cluster)) - before <= await events_witnessed(cluster)
    await books.require_sound_stock(cluster, {sku: checkouts})


async def _buy_in_turns(gateway: Upstream, skus: Iterable[str], checkouts: int) -> Sequence[Operation]:
    """One unit each, of one SKU after the other, by one buyer after the other."""
    turns = zip(range(checkouts), itertools.cycle(await enter_all(gateway)), itertools.cycle(skus), strict=False)
    return await asyncio.gather(
        *(
            buy(buyer, Wish(lines={sku: 1}, begin_s=number * CHECKOUT_EVERY_S, patience_s=PATIENCE_S))
            for number, buyer, sku in turns
        )
    )


async def _require_kept(cluster: Cluster, operations: Sequence[Operation]) -> None:
    known = {purchase.key: purchase for purchase in await books.purchases(cluster)}
    for one in operations:
        assert one.outcome is not Outcome.UNKNOWN, one
        assert one.code in {"", "out_of_stock"}, one
        if one.outcome is Outcome.OK:
            assert known[one.key].state in ({"confirmed"} if one.confirmed else {"confirmed", "rejected"}), one


async def _event_ids(cluster: Cluster) -> set[UUID]:
    return {event.event_id for event in await announced(cluster)}


async def _until_read_everywhere(seller: Guest) -> float:
    """Seconds until a read from every database is answered again."""
    targets = [f"/api/v1/{one}" for one in ("auth/sessions", "users/me", "seller/items", "orders")]
    began = time.monotonic()

    async def answered() -> bool | None:
        heard = [await seller.get(target) for target in targets]
        if {one.status for one in heard} == {200}:
            return True
        await asyncio.sleep(NEXT_LOOK_S)
        return None

    await until(answered, timeout_s=PATIENCE_S)
    return time.monotonic() - began
