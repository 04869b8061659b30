"""Invariant 12: a payment provider that times out, fails, repeats itself and is late takes no money twice."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from uuid import UUID

import pytest

from services.chassis.ids import uuid7
from services.chassis.wire.port import Upstream
from services.orders.domain.details import OrderDetail
from services.orders.domain.views import CheckoutView
from tests.cluster import books
from tests.cluster.cluster import Cluster
from tests.cluster.shopping import Operation, Outcome, Wish, buy
from tests.cluster.town import PATIENCE_S, SELLER, enter, enter_all, fresh_skus, reach, sell
from tests.launch.guest import Guest, Heard

CHECKOUT_EVERY_S = 0.1
FINAL_WITHIN_S = 120.0
REFUND_EVERY = 3
FAULTS = {
    "timeout_before": 0.1,
    "timeout_after": 0.1,
    "error_before": 0.05,
    "error_after": 0.05,
    "duplicate_webhook": 0.3,
    "late_webhook": 0.3,
    "disordered_webhook": 0.3,
    "late_s": 2.0,
}


@pytest.mark.parametrize(
    ("checkouts", "hang_s"),
    [pytest.param(40, 1.0, marks=pytest.mark.servers), pytest.param(300, 20.0, marks=pytest.mark.soak)],
)
async def test_a_provider_that_fails_and_repeats_itself_takes_no_money_twice(
    cluster: Cluster, checkouts: int, hang_s: float
) -> None:
    (sku,) = fresh_skus("FAULTS", 1)
    async with reach(cluster.gateway) as gateway, reach(cluster.souk.origin("sandbox")) as provider:
        await sell(gateway, {sku: checkouts})
        await _turn_faults(cluster, provider, {**FAULTS, "hang_s": hang_s})

        operations = await _buy(gateway, sku, checkouts)
        await books.until_drained(cluster, within_s=FINAL_WITHIN_S)
        await _refund_some(gateway, operations)
        await books.until_drained(cluster, within_s=FINAL_WITHIN_S)
        await _turn_faults(cluster, provider, {})

    states = {purchase.key: purchase.state for purchase in await books.purchases(cluster)}
    assert {one.outcome for one in operations} == {Outcome.OK}
    assert {states[one.key] for one in operations} <= {"confirmed", "refunded"}
    await books.require_sound_money(cluster)
    await books.require_sound_stock(cluster, {sku: checkouts})


async def _turn_faults(cluster: Cluster, provider: Upstream, faults: dict[str, float]) -> None:
    clerk = Guest(provider, token=cluster.souk.settings("sandbox")["SOUK_API_KEY"])
    (await clerk.ask("PUT", "/sandbox/v1/faults", faults)).told(object)


async def _buy(gateway: Upstream, sku: str, checkouts: int) -> list[Operation]:
    turns = zip(range(checkouts), itertools.cycle(await enter_all(gateway)), strict=False)
    return await asyncio.gather(
        *(
            buy(buyer, Wish(lines={sku: 1}, begin_s=number * CHECKOUT_EVERY_S, patience_s=PATIENCE_S))
            for number, buyer in turns
        )
    )


async def _refund_some(gateway: Upstream, operations: list[Operation]) -> None:
    seller, buyers = await enter(gateway, SELLER), await enter_all(gateway)
    chosen = list(zip(operations, itertools.cycle(buyers), strict=False))[::REFUND_EVERY]
    heard = await asyncio.gather(*(_refund(seller, buyer, one.checkout_id) for one, buyer in chosen))
    assert set(heard) <= {201, 202}


async def _refund(seller: Guest, buyer: Guest, checkout_id: UUID | None) -> int:
    bought = (await _served(partial(buyer.get, f"/api/v1/checkouts/{checkout_id}"))).told(CheckoutView)
    order = f"/api/v1/seller/orders/{bought.orders[0].id}"
    detail = (await _served(partial(seller.get, order))).told(OrderDetail)
    lines = [{"line_id": line.id, "quantity": line.quantity} for line in detail.order.lines]
    wanted = {"reason": "broken", "lines": lines, "restock": True}
    asked = partial(seller.post, f"{order}/refunds", wanted, idempotency_key=uuid7().hex)
    return (await _served(asked)).status


async def _served(ask: Callable[[], Awaitable[Heard]]) -> Heard:
    """Requests that hang at the provider fill Souk, which then says when to come again."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            heard = await ask()
            if heard.status != HTTPStatus.SERVICE_UNAVAILABLE:
                return heard
            await asyncio.sleep(float(heard.headers["retry-after"]))
