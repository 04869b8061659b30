"""Invariant 9: every event delivered three times and in any order leaves everything as it was."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from services.chassis.bus.rabbit.envelope import properties_of
from services.chassis.bus.rabbit.topology import EVENTS
from services.chassis.ids import uuid7
from services.chassis.wire.port import Upstream
from services.contracts.listeners import LISTENERS
from services.contracts.message import Message
from services.items.domain.items import Item
from services.items.domain.stock import StockLevel
from services.launch.seed.people import PASSWORD, STAFF_EMAIL
from services.users.api.shop import SellerView
from tests.cluster import books
from tests.cluster.broker import channel_to
from tests.cluster.cluster import CONSUMERS, Cluster
from tests.cluster.shopping import Outcome, Wish, buy
from tests.cluster.snapshots import announced, digests, forget_what_was_heard
from tests.cluster.town import BUYERS, PATIENCE_S, SELLER, enter, fresh_skus, reach, sell
from tests.launch.guest import Guest

pytestmark = pytest.mark.servers

TIMES = 3
SETTLES_S = 1.0


async def test_events_delivered_three_times_in_any_order_lead_to_the_same_state(
    cluster: Cluster, dice: random.Random
) -> None:
    async with reach(cluster.gateway) as gateway:
        await _live(gateway)
    await books.until_drained(cluster, within_s=PATIENCE_S)
    before, events = await digests(cluster), await announced(cluster)

    async with cluster.resting(*(f"{service} worker" for service in CONSUMERS)):
        await forget_what_was_heard(cluster)
        await _deliver(cluster, dice.sample(events * TIMES, len(events) * TIMES))
    await _until_heard(cluster, events)

    assert {event.kind for event in events} >= {event.kind for heard in LISTENERS.values() for event in heard}
    assert _different(before, await digests(cluster)) == []


def _different(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return [table for table in one.keys() | other.keys() if one.get(table) != other.get(table)]


async def _live(gateway: Upstream) -> None:
    """Shops open, are renamed, suspended and closed; items change, run out and come back; people leave."""
    staff = await enter(gateway, STAFF_EMAIL)
    closed, suspended, leaving = [await _register(gateway, staff) for _ in range(3)]
    await _open_shop(staff, closed)
    await _rename(closed)
    await _close_account(closed)
    shop = await _open_shop(staff, suspended)
    shop = await _decide(staff, "suspend", shop, reason="unpaid fees")
    shop = await _decide(staff, "reinstate", shop)
    await _decide(staff, "suspend", shop, reason="unpaid fees")
    await _trade(gateway)
    await _close_account(leaving)


async def _trade(gateway: Upstream) -> None:
    changed, scarce = fresh_skus("TRADED", 2)
    items = await sell(gateway, {changed: 5, scarce: 1})
    seller, buyer = await enter(gateway, SELLER), await enter(gateway, BUYERS[0])
    bought = await buy(buyer, Wish(lines={scarce: 1}, patience_s=PATIENCE_S))
    assert bought.outcome is Outcome.OK
    level = (await seller.get(f"/api/v1/seller/stock/{scarce}")).told(StockLevel)
    counted = {"on_hand": 3, "version": level.version}
    (await seller.ask("PUT", f"/api/v1/seller/stock/{scarce}", counted)).told(StockLevel)
    await _change(seller, items[changed], changed)


async def _change(seller: Guest, item_id: UUID, sku: str) -> None:
    target = f"/api/v1/seller/items/{item_id}"
    item = (await seller.get(target)).told(Item)
    price = {"minor": 1700, "currency": item.currency}
    cheaper = {"price": price, "version": item.version}
    item = (await seller.ask("PATCH", f"{target}/variants/{sku}", cheaper)).told(Item)
    for move in ("archive", "publish"):
        item = (await seller.post(f"{target}/{move}", {"version": item.version})).told(Item)


async def _register(gateway: Upstream, staff: Guest) -> Guest:
    email = f"{uuid7().hex}@town.example"
    account = {"email": email, "display_name": "Somebody", "password": PASSWORD}
    (await staff.post("/api/v1/auth/users", account)).told(object)
    return await enter(gateway, email)


async def _open_shop(staff: Guest, owner: Guest) -> SellerView:
    applied = (await owner.post("/api/v1/sellers", {"name": owner.email, "country": "DE"})).told(SellerView)
    return await _decide(staff, "approve", applied)


async def _decide(staff: Guest, how: str, seller: SellerView, **facts: str) -> SellerView:
    decision = {"version": seller.version, **facts}
    return (await staff.post(f"/api/v1/staff/sellers/{seller.id}/{how}", decision)).told(SellerView)


async def _rename(owner: Guest) -> None:
    shop = (await owner.get("/api/v1/seller/profile")).told(SellerView)
    change = {"name": f"{shop.name} and daughters", "version": shop.version}
    (await owner.ask("PATCH", "/api/v1/seller/profile", change)).told(SellerView)


async def _close_account(guest: Guest) -> None:
    heard = await guest.post("/api/v1/auth/me/erase", {"password": PASSWORD})
    assert heard.status == 204, heard.body


async def _deliver(cluster: Cluster, events: Sequence[Message]) -> None:
    async with channel_to(cluster) as channel:
        for event in events:
            await channel.basic_publish(
                event.payload, exchange=EVENTS, routing_key=event.kind, properties=properties_of(event)
            )


async def _until_heard(cluster: Cluster, events: Sequence[Message]) -> None:
    """All of them, the repeated ones too."""
    for service in CONSUMERS:
        kinds = {event.kind for event in LISTENERS[service]}
        await books.until_handled(
            cluster, service, [event.event_id for event in events if event.kind in kinds], within_s=PATIENCE_S
        )
    await books.until_drained(cluster, within_s=PATIENCE_S)
    # What the last handlers do cannot be seen in any queue.
    await asyncio.sleep(SETTLES_S)
