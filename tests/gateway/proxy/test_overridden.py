"""Overrides at work: closed routes, moved limits, and a share of visitors sent to the canary."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.chassis.ids import uuid7
from services.chassis.wire.pool import Pool
from services.gateway.domain.limits import Rule
from services.gateway.domain.overrides import LimitOverride, Overrides, RouteOverride
from services.gateway.proxy.lanes import Target
from tests.chassis.wire.origin import FakeOrigin
from tests.gateway.running import RunningGateway, bearer, get

pytestmark = pytest.mark.embedded

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def route(
    path: str = "/api/v1/own", *, closed_s: int | None = None, header: str | None = None, weight: int = 0
) -> Overrides:
    override = RouteOverride(
        path=path,
        closed_s=closed_s,
        canary_header=header,
        canary_weight=weight,
        changed_by=uuid7(),
        changed_at=NOW,
    )
    return Overrides(routes=[override])


@pytest.fixture
async def canary(gateway: RunningGateway) -> AsyncIterator[FakeOrigin]:
    """Another version of the service."""
    origin = FakeOrigin()
    await origin.start()
    pool = Pool(origin.origin)
    for lane in gateway.lanes.table.find(b"/api/v1/own").rows.values():
        lane.canary_target = Target("items", pool)
    yield origin
    origin.hang_up_on_all()
    await origin.stop()
    await pool.close()


async def test_a_closed_route_opens_again_when_the_override_is_gone(gateway: RunningGateway) -> None:
    client = await gateway.client()

    gateway.lanes.apply(route("/api/v1/open", closed_s=60))
    closed = await client.ask(get("/api/v1/open"))
    gateway.lanes.apply(Overrides())
    opened = await client.ask(get("/api/v1/open"))

    assert (closed.status, opened.status) == (503, 200)


async def test_whoever_asks_for_the_canary_gets_it_and_nobody_else(gateway: RunningGateway, canary: FakeOrigin) -> None:
    gateway.lanes.apply(route(header="blue"))
    client = await gateway.client()

    await client.ask(get("/api/v1/own", bearer(gateway.token()), "X-Canary: blue"))
    await client.ask(get("/api/v1/own", bearer(gateway.token()), "X-Canary: green"))
    await client.ask(get("/api/v1/own", bearer(gateway.token())))

    assert (len(canary.visits), len(gateway.items.visits)) == (1, 2)
    assert canary.visits[0].header("x-canary") is None


async def test_a_share_of_users_goes_to_the_canary_and_stays_there(gateway: RunningGateway, canary: FakeOrigin) -> None:
    gateway.lanes.apply(route(weight=50))
    client = await gateway.client()
    users = [uuid7() for _ in range(40)]

    for user in users * 2:
        await client.ask(get("/api/v1/own", bearer(gateway.token(user))))

    assert len(canary.visits) % 2 == 0
    assert 20 <= len(canary.visits) <= 60


def limit(burst: int, per_s: float) -> Overrides:
    override = LimitOverride(name="address", burst=burst, per_s=per_s, changed_by=uuid7(), changed_at=NOW)
    return Overrides(limits=[override])


async def test_a_moved_limit_counts_from_the_next_request_on(stopped: RunningGateway) -> None:
    await stopped.start(rules=[Rule(name="address", burst=100, per_s=60)])
    client = await stopped.client()

    stopped.gate.limits.apply(limit(2, 60))
    limited = [(await client.ask(get("/api/v1/open"))).status for _ in range(4)]
    stopped.gate.limits.apply(limit(100, 120))
    free = await client.ask(get("/api/v1/open"))

    assert (limited, free.status) == ([200, 200, 429, 429], 200)
