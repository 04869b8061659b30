"""What services are told of who asks, and what no client can tell them."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest

from services.chassis.identity.tokens import IdentityClaims, verify
from services.chassis.ids import uuid7
from tests.chassis.wire.origin import Visit
from tests.gateway.running import RunningGateway, bearer, get, post

pytestmark = pytest.mark.embedded

FORGED = (
    "X-Souk-Identity: forged",
    "x-SOUK-identity: forged",
    "X_Souk_Identity: forged",
    "X-Souk-Timeout-Ms: 999999",
    "X-Souk-Anything: 1",
    "Forwarded: for=1.2.3.4",
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Host: evil",
    "X-Forwarded-Proto: https",
    "X-Real-IP: 1.2.3.4",
    "X-Request-Id: mine",
    "Traceparent: 00-11111111111111111111111111111111-2222222222222222-01",
    "Proxy-Authorization: Basic x",
    "TE: trailers",
    "Keep-Alive: timeout=5",
    "Cookie: session=1",
)


def identity(gateway: RunningGateway, visit: Visit, audience: str = "items") -> IdentityClaims:
    """As the service reads it."""
    now = datetime.fromtimestamp(gateway.clock(), UTC)
    token = visit.header("x-souk-identity") or ""
    return verify(token, IdentityClaims, issuer="souk-gateway", audience=audience, keys=gateway.keys.publics(), now=now)


async def test_a_user_is_known_by_a_fresh_identity_and_the_access_token_stays_here(gateway: RunningGateway) -> None:
    user, session = uuid7(), uuid7()
    client = await gateway.client()

    await client.ask(get("/api/v1/own", bearer(gateway.token(user, session=session, roles=frozenset({"seller"})))))

    visit = gateway.items.visits[0]
    claims = identity(gateway, visit)
    assert (claims.sub, claims.sid, claims.caller) == (user, session, None)
    assert claims.roles == {"seller"}
    assert claims.exp - claims.iat == 30
    assert visit.header("authorization") is None


async def test_a_visitor_is_nobody(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(get("/api/v1/open"))

    assert identity(gateway, gateway.items.visits[0]).sub is None


async def test_nothing_that_only_the_gateway_may_say_comes_in_from_outside(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(get("/api/v1/open", *FORGED))

    head = gateway.items.visits[0].head.decode().lower()
    for forbidden in ("forged", "999999", "1.2.3.4", "evil", "mine", "1111111", "session=1", "anything", "trailers"):
        assert forbidden not in head
    assert gateway.items.visits[0].header("x-forwarded-for") == "127.0.0.1"
    assert gateway.items.visits[0].header("x-souk-timeout-ms") == "2000"


async def test_headers_of_the_hop_alone_stay_on_it(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(get("/api/v1/open", "Connection: keep-alive, X-Hop", "X-Hop: 1", "X-Kept: 2"))

    visit = gateway.items.visits[0]
    assert (visit.header("x-hop"), visit.header("connection"), visit.header("x-kept")) == (None, None, "2")


async def test_a_connection_header_cannot_take_away_the_identity(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(get("/api/v1/own", "Connection: close, X-Souk-Identity", bearer(gateway.token())))

    assert identity(gateway, gateway.items.visits[0]).sub is not None


async def test_an_identity_is_minted_for_exactly_one_body(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(post("/api/v1/open", b"hello"))

    expected = urlsafe_b64encode(hashlib.sha256(b"hello").digest()).rstrip(b"=").decode()
    assert identity(gateway, gateway.items.visits[0]).body == expected


async def test_an_identity_is_used_again_for_reads_while_it_is_valid_and_never_for_another_user(
    gateway: RunningGateway,
) -> None:
    client = await gateway.client()
    one, other = gateway.token(), gateway.token()

    for token in (one, one, other):
        await client.ask(get("/api/v1/own", bearer(token)))
    gateway.clock.now += 16
    await client.ask(get("/api/v1/own", bearer(one)))

    first, second, third, fourth = (visit.header("x-souk-identity") for visit in gateway.items.visits)
    assert first == second
    assert len({first, third, fourth}) == 3


async def test_services_get_the_request_id_that_the_client_is_told(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open"))

    visit = gateway.items.visits[0]
    assert visit.header("x-request-id") == answer.header("x-request-id")
    assert (visit.header("traceparent") or "").startswith(f"00-{answer.header('x-request-id')}-")


async def test_answers_keep_what_is_between_service_and_gateway_to_themselves(gateway: RunningGateway) -> None:
    async def talkative(visit: Visit) -> None:
        await visit.send(
            b"HTTP/1.1 200 OK\r\nserver: inside/1\r\nx-souk-tags: a b\r\nset-cookie: a=b\r\nkeep-alive: timeout=5\r\n"
            b"x-request-id: theirs\r\ncontent-length: 0\r\nx-told: 1\r\n\r\n"
        )

    gateway.items.answer = talkative
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open"))

    names = {name for name, _ in answer.headers}
    assert not names & {"server", "x-souk-tags", "set-cookie", "keep-alive"}
    assert (answer.header("x-told"), answer.header("x-request-id") == "theirs") == ("1", False)
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
