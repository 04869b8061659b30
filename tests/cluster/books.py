"""What really happened, read from the databases of the services and from the payment provider's books."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from tests.cluster.beside import beside
from tests.cluster.broker import waiting
from tests.cluster.cluster import CONSUMERS, Cluster

Row = TypeVar("Row", bound=Struct)
_POLL_S = 0.5
_WATCH_EVERY_S = 0.1


class Purchase(Struct, frozen=True):
    """A checkout beside what the provider has of it."""

    id: UUID
    key: str
    state: str
    total_minor: int
    captured_minor: int
    refunded_minor: int
    took_s: float
    """From its beginning to its latest change."""
    ended: bool
    """Nothing will happen to it by itself any more."""


class Charged(Struct, frozen=True):
    """All that the provider did for one checkout."""

    reference: UUID
    charges: int
    reserved_minor: int
    captured_minor: int
    refunded_minor: int


class Level(Struct, frozen=True):
    """Stock of one SKU."""

    sku: str
    on_hand: int
    reserved: int

    @property
    def possible(self) -> bool:
        """Whether all that is reserved is there."""
        return 0 <= self.reserved <= self.on_hand


class _Sold(Struct, frozen=True):
    sku: str
    quantity: int


class _Stuck(Struct, frozen=True):
    """Enough of a checkout to see why it does not end."""

    id: UUID
    state: str
    turning_to: str | None
    charge_state: str
    charge_method: str
    attempts: int
    hold_attempt: int
    due_at: str
    changed_at: str
    steps: str


class _Count(Struct, frozen=True):
    count: int


async def rows(cluster: Cluster, service: str, row: type[Row], query: str, *arguments: object) -> list[Row]:
    """What a query finds in the database of a service; ids have to be cast to text."""
    connection = await asyncpg.connect(cluster.database(service))
    try:
        found = await connection.fetch(query, *arguments)
    finally:
        await connection.close()
    return [msgspec.convert(dict(one), row) for one in found]


async def count(cluster: Cluster, service: str, query: str, *arguments: object) -> int:
    """The same for a query of one number, called `count`."""
    return (await rows(cluster, service, _Count, query, *arguments))[0].count


async def purchases(cluster: Cluster) -> list[Purchase]:
    """Every checkout there is."""
    query = """
        select id::text, key, state, total_minor, charge_captured_minor as captured_minor,
               charge_refunded_minor as refunded_minor,
               extract(epoch from changed_at - created_at)::float as took_s, due_at is null as ended
        from checkouts
    """
    return await rows(cluster, "orders", Purchase, query)


async def charged(cluster: Cluster) -> Mapping[UUID, Charged]:
    """The provider's books by checkout."""
    query = """
        select reference, count(*) as charges,
               coalesce(sum(amount_minor) filter (where state = 'authorized'), 0)::bigint as reserved_minor,
               sum(captured_minor)::bigint as captured_minor, sum(refunded_minor)::bigint as refunded_minor
        from charges group by reference
    """
    return {one.reference: one for one in await rows(cluster, "sandbox", Charged, query)}


async def levels(cluster: Cluster, skus: Sequence[str]) -> Mapping[str, Level]:
    """Stock by SKU."""
    query = "select sku, on_hand, reserved from stock where sku = any($1)"
    return {one.sku: one for one in await rows(cluster, "items", Level, query, list(skus))}


async def sold(cluster: Cluster, skus: Sequence[str]) -> Counter[str]:
    """Units by SKU in the orders of confirmed checkouts, but for those that were given back."""
    query = """
        select sku, sum(quantity - refunded_quantity)::int as quantity
        from order_lines join orders on orders.id = order_id join checkouts on checkouts.id = checkout_id
        where sku = any($1) and checkouts.state = 'confirmed' group by sku
    """
    return Counter({one.sku: one.quantity for one in await rows(cluster, "orders", _Sold, query, list(skus))})


async def unpublished(cluster: Cluster) -> int:
    """Events that wait in outboxes."""
    query = "select count(*) from outbox where published_at is null"
    return sum([await count(cluster, service, query) for service in CONSUMERS])


@asynccontextmanager
async def stock_watched(cluster: Cluster, skus: Iterable[str]) -> AsyncIterator[None]:
    """As long as the block runs, no more is reserved of a SKU than there is, nor less than nothing."""
    watched = list(skus)

    async def watch() -> None:
        while True:
            wrong = [level for level in (await levels(cluster, watched)).values() if not level.possible]
            assert wrong == []
            await asyncio.sleep(_WATCH_EVERY_S)

    async with beside(watch()):
        yield


async def until_drained(cluster: Cluster, *, within_s: float) -> None:
    """No checkout is on its way any more, no refund, and no event."""
    deadline = time.monotonic() + within_s
    while left := {what: number for what, number in (await _under_way(cluster)).items() if number}:
        late = time.monotonic() >= deadline
        assert not late, f"after {within_s:.0f} s there are still {left}: {await _stuck(cluster)}"
        await asyncio.sleep(_POLL_S)


async def until_handled(cluster: Cluster, service: str, events: Sequence[UUID], *, within_s: float) -> None:
    """The service has had all of these."""
    deadline = time.monotonic() + within_s
    query = "select count(*) from inbox where event_id = any($1)"
    while (heard := await count(cluster, service, query, list(events))) < len(events):
        assert time.monotonic() < deadline, f"{service} has handled {heard} of {len(events)} in {within_s:.0f} s"
        await asyncio.sleep(_POLL_S)


async def _stuck(cluster: Cluster) -> Sequence[_Stuck]:
    query = """
        select id::text, state, turning_to, charge_state, charge_method, attempts, hold_attempt,
               due_at::text, changed_at::text, steps::text
        from checkouts where due_at is not null limit 5
    """
    return await rows(cluster, "orders", _Stuck, query)


async def _under_way(cluster: Cluster) -> Mapping[str, int]:
    return {
        "checkouts": await count(cluster, "orders", "select count(*) from checkouts where due_at is not null"),
        "refunds": await count(cluster, "orders", "select count(*) from refunds where due_at is not null"),
        "items not indexed": await count(
            cluster, "items", "select count(*) from search_entries where indexed < revision"
        ),
        "events in outboxes": await unpublished(cluster),
        **{f"messages in {queue}": number for queue, number in (await waiting(cluster)).items()},
    }


async def require_sound_money(cluster: Cluster) -> None:
    """The ledger sums to zero; the provider took the price of what was confirmed, once, and kept nothing else."""
    assert await count(cluster, "orders", "select coalesce(sum(amount_minor), 0)::bigint as count from ledger") == 0
    known, provider = await purchases(cluster), await charged(cluster)
    assert not provider.keys() - {purchase.id for purchase in known}
    assert [one for one in provider.values() if one.charges > 1] == []
    for purchase in known:
        there = provider.get(purchase.id)
        reserved, captured, refunded = (
            (there.reserved_minor, there.captured_minor, there.refunded_minor) if there else (0, 0, 0)
        )
        assert (captured, refunded) == (purchase.captured_minor, purchase.refunded_minor), purchase
        assert not purchase.ended or not reserved, purchase
        assert captured == (purchase.total_minor if purchase.state == "confirmed" else refunded), purchase


async def require_sound_stock(cluster: Cluster, began_with: Mapping[str, int]) -> None:
    """What is gone is what was sold, and nothing is held for anybody."""
    found = await levels(cluster, list(began_with))
    units = await sold(cluster, list(began_with))
    assert {sku: level.reserved for sku, level in found.items()} == dict.fromkeys(began_with, 0)
    assert {sku: began_with[sku] - level.on_hand for sku, level in found.items()} == {
        sku: units[sku] for sku in began_with
    }
