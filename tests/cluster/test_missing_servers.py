"""Invariants 16 and 18: what is answered while Redis or Elasticsearch is away, and what is made good afterwards."""

import asyncio
from uuid import UUID

import pytest

from services.chassis.wire.port import Upstream
from services.items.domain.searching import Reindex
from services.launch.seed.people import STAFF_EMAIL
from tests.cluster import books
from tests.cluster.cluster import Cluster
from tests.cluster.reading import reading
from tests.cluster.town import CATEGORY, PATIENCE_S, enter, fresh_skus, reach, sell
from tests.launch.guest import Guest, until

BEFORE_S = 3.0
MAILS_AN_HOUR = 5
SLOWER_MOST = 3.0
NOTICEABLE_S = 0.2
"""Below this, three times as long is nobody's trouble."""


@pytest.mark.parametrize(
    "away_s", [pytest.param(5.0, marks=pytest.mark.servers), pytest.param(60.0, marks=pytest.mark.soak)]
)
async def test_no_read_fails_while_redis_is_away_and_limits_still_hold(cluster: Cluster, away_s: float) -> None:
    targets = ["/api/v1/items?", "/api/v1/search?", "/api/v1/search?text=redis&", f"/api/v1/items?category={CATEGORY}&"]
    async with reach(cluster.gateway) as gateway:
        await sell(gateway, dict.fromkeys(fresh_skus("REDIS", 1), 5))

        async with reading(gateway, targets) as answers:
            await asyncio.sleep(BEFORE_S)
            before = answers.begin_anew()
            async with cluster.away("redis"):
                refusals = await _ask_for_mails(gateway, MAILS_AN_HOUR + 1)
                await asyncio.sleep(away_s)
                during = answers.begin_anew()
            await asyncio.sleep(BEFORE_S / 3)

    assert [set(one.statuses) for one in (before, during, answers)] == [{200}] * 3
    assert during.p95_s <= max(SLOWER_MOST * before.p95_s, NOTICEABLE_S)
    assert refusals == [*[(202, None)] * MAILS_AN_HOUR, (429, "too_many_tries")]


async def _ask_for_mails(gateway: Upstream, times: int) -> list[tuple[int, object]]:
    body = {"email": f"{fresh_skus('MAIL', 1)[0].lower()}@town.example"}
    return [(await Guest(gateway).post("/api/v1/auth/password/forgotten", body)).refusal for _ in range(times)]


@pytest.mark.servers
async def test_without_elasticsearch_listings_come_from_the_database_and_searches_are_refused(cluster: Cluster) -> None:
    (sku,) = fresh_skus("ELASTIC", 1)
    async with reach(cluster.gateway) as gateway:
        await sell(gateway, {sku: 5})
        visitor = Guest(gateway)

        async with cluster.away("elasticsearch"):
            listing = await visitor.get("/api/v1/search?limit=7")
            searched = await visitor.get("/api/v1/search?text=elastic&limit=7")
            (missed,) = (await sell(gateway, dict.fromkeys(fresh_skus("ELASTIC", 1), 5))).values()
            page = await visitor.get(f"/api/v1/items/{missed}")
        await until(lambda: _finds(visitor, missed), timeout_s=PATIENCE_S)
        rebuilt = await _reindex(await enter(gateway, STAFF_EMAIL))

    assert (listing.status, listing.facts["degraded"]) == (200, True)
    assert searched.status == 503
    assert page.status == 200
    query = "select count(*) from listings where document is not null"
    assert rebuilt.documents == await books.count(cluster, "items", query)


async def _finds(visitor: Guest, item_id: UUID) -> bool | None:
    """Whether both are whole again: the plain listing, and the index, which has what was missed."""
    heard = [await visitor.get(f"/api/v1/search?text={text}&limit=9") for text in ("", "elastic")]
    whole = all(one.status == 200 and one.facts["degraded"] is False for one in heard)
    return True if whole and str(item_id).encode() in heard[1].body else None


async def _reindex(staff: Guest) -> Reindex:
    asked = (await staff.post("/api/v1/staff/search/reindex")).told(Reindex)

    async def done() -> Reindex | None:
        now = (await staff.get(f"/api/v1/staff/search/reindex/{asked.id}")).told(Reindex)
        return now if now.finished_at else None

    return await until(done, timeout_s=PATIENCE_S)
