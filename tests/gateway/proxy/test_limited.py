"""Rate limits and cross-origin rules, as clients meet them."""

import pytest

from services.chassis.ids import uuid7
from services.contracts.auth import ResolvedApiKey
from services.gateway.domain.limits import Rule
from services.gateway.domain.routes import READS, By, RateLimit, Route
from tests.gateway.running import ROUTES, RunningGateway, bearer, get

pytestmark = pytest.mark.embedded

ADDRESS = Rule(name="address", burst=5, per_s=60)
USER = Rule(name="user", burst=3, per_s=60)
KEY = Rule(name="key", burst=2, per_s=60)


async def test_an_address_gets_no_more_than_its_share_over_all_its_connections(stopped: RunningGateway) -> None:
    await stopped.start(rules=[ADDRESS])
    clients = [await stopped.client() for _ in range(7)]

    answers = [await client.ask(get("/api/v1/open")) for client in clients]

    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    assert (answers[-1].code, answers[-1].header("retry-after")) == ("too_many_requests", "12")


async def test_a_user_draws_on_one_limit_with_any_token_and_another_user_on_another(stopped: RunningGateway) -> None:
    await stopped.start(rules=[USER])
    client = await stopped.client()
    user = uuid7()

    statuses = [(await client.ask(get("/api/v1/own", bearer(stopped.token(user))))).status for _ in range(4)]
    other = await client.ask(get("/api/v1/own", bearer(stopped.token())))

    assert (statuses, other.status) == ([200, 200, 200, 429], 200)


async def test_an_api_key_has_a_limit_of_its_own(stopped: RunningGateway) -> None:
    await stopped.start(rules=[USER, KEY])
    stopped.desk.keys["sk_one"] = ResolvedApiKey(key_id=uuid7(), user_id=uuid7(), roles=frozenset(), scopes=frozenset())
    client = await stopped.client()

    statuses = [(await client.ask(get("/api/v1/own", bearer("sk_one")))).status for _ in range(3)]

    assert statuses == [200, 200, 429]


async def test_guessing_tokens_is_limited_by_address(stopped: RunningGateway) -> None:
    await stopped.start(rules=[ADDRESS])
    client = await stopped.client()

    statuses = [(await client.ask(get("/api/v1/own", bearer(f"a.b.{number}")))).status for number in range(7)]

    assert statuses == [401] * 5 + [429] * 2


async def test_a_routes_own_limit_counts_beside_the_others(stopped: RunningGateway) -> None:
    limit = RateLimit(by=By.VISITOR, rule=Rule(name="search", burst=1, per_s=60))
    search = Route(path="/api/v1/search", methods=READS, service="items", limits=(limit,))
    await stopped.start([*ROUTES, search])
    client = await stopped.client()

    statuses = [(await client.ask(get("/api/v1/search"))).status for _ in range(2)]
    other = await client.ask(get("/api/v1/open"))

    assert (statuses, other.status) == ([200, 429], 200)


PREFLIGHT = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization")


async def test_pages_of_other_origins_may_read_nothing_unless_named(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open", "Origin: https://shop.example"))
    preflight = await client.ask(get("/api/v1/open", "Origin: https://shop.example", *PREFLIGHT, method="OPTIONS"))

    assert answer.header("access-control-allow-origin") is None
    assert preflight.header("access-control-allow-origin") is None


async def test_pages_of_a_named_origin_may_read(stopped: RunningGateway) -> None:
    await stopped.start(origins=frozenset({"https://shop.example"}))
    client = await stopped.client()

    answer = await client.ask(get("/api/v1/open", "Origin: https://shop.example"))
    refused = await client.ask(get("/api/v1/own", "Origin: https://shop.example"))
    preflight = await client.ask(get("/api/v1/own", "Origin: https://shop.example", *PREFLIGHT, method="OPTIONS"))
    other = await client.ask(get("/api/v1/open", "Origin: https://evil.example"))

    assert answer.header("access-control-allow-origin") == "https://shop.example"
    assert refused.header("access-control-allow-origin") == "https://shop.example"
    assert (preflight.status, preflight.header("access-control-allow-headers") is not None) == (204, True)
    assert (other.header("access-control-allow-origin"), other.header("vary")) == (None, "origin")
