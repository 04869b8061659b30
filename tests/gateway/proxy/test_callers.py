"""The internal listener: only services, each for what its edges name, each token for one call."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from prometheus_client import CollectorRegistry

from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.identity.tokens import CALLER_TTL_S, INTERNAL_AUDIENCE, CallerClaims, IdentityClaims, sign, verify
from services.chassis.ids import uuid7
from services.chassis.wire.pool import Pool
from services.chassis.wire.port import Call, Reply
from services.gateway.domain.routes import READS, Edge, Route, admitted, lead
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.caching import ResponseCache
from services.gateway.proxy.caller_door import CallerDoor
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.inside import Inside
from services.gateway.proxy.keeping import Reading
from services.gateway.proxy.lanes import Lanes, Target
from services.gateway.proxy.limiting import Limits
from services.gateway.proxy.metering import Meter
from services.gateway.proxy.minting import Minter, digest
from tests.chassis.wire.origin import FakeOrigin
from tests.gateway.running import Clock

pytestmark = pytest.mark.embedded

EDGES = (
    Edge(caller="orders", methods=frozenset({"POST"}), path="/internal/v1/holds", target="items"),
    Edge(caller="users", methods=frozenset({"GET"}), path="/internal/v1/holds/{id}", target="items"),
)
OWN = Route(path="/health/live", methods=READS, service="items")


class Inner:
    """The internal gate, and keys of two services and a stranger."""

    def __init__(self, folder: Path, items: FakeOrigin) -> None:
        self.clock = Clock()
        self.items = items
        self.rings = {name: self._ring(folder / name) for name in ("gateway", "orders", "users", "stranger")}
        self.known = {"orders", "users"}
        self.pool = Pool(items.origin)
        meter = Meter("internal", CollectorRegistry())
        lanes = Lanes([OWN, *lead(EDGES)], {"items": Target("items", self.pool)}, meter, exact=True)
        door = CallerDoor(self._signers, self.rings["gateway"], admitted(EDGES), wall=self.clock)
        self.minter = Minter(self.rings["gateway"], now=self.clock)
        gate = Gate(
            lanes.table, door, self.minter, meter, limits=Limits(), reading=Reading(ResponseCache()), trusts_trace=True
        )
        self.inside = Inside()
        self.inside.open_to(gate)

    def token(
        self,
        caller: str = "orders",
        target: str = "POST /internal/v1/holds",
        *,
        issuer: str | None = None,
        audience: str = INTERNAL_AUDIENCE,
        body: bytes = b"{}",
        jti: UUID | None = None,
        lives_s: int = CALLER_TTL_S,
        on_behalf: str | None = None,
    ) -> str:
        now = int(self.clock())
        claims = CallerClaims(
            iss=issuer or caller,
            aud=audience,
            iat=now,
            exp=now + lives_s,
            jti=jti or uuid7(),
            target=target,
            body=digest(body) if body else None,
            on_behalf=on_behalf,
        )
        return sign(claims, self.rings[caller].signing())

    def identity(self, user: UUID, audience: str = "orders") -> str:
        """Such as orders was given with the request it serves."""
        _, token = self.minter.field(Visitor(sub=user, sid=user, roles=frozenset({"buyer"})), audience, b"")
        return token.decode()

    async def ask(
        self, token: str, method: str = "POST", target: str = "/internal/v1/holds", body: bytes = b"{}", **headers: str
    ) -> Reply:
        fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        fields.append((b"authorization", f"Bearer {token}".encode()))
        return await self.inside.call(Call(method=method, target=target, headers=fields, body=body), timeout_s=2)

    def told(self) -> IdentityClaims:
        """What the service was told of the caller."""
        token = self.items.visits[-1].header("x-souk-identity") or ""
        now = datetime.fromtimestamp(self.clock(), UTC)
        publics = self.rings["gateway"].publics()
        return verify(token, IdentityClaims, issuer="souk-gateway", audience="items", keys=publics, now=now)

    async def _signers(self) -> Mapping[str, tuple[str, Ed25519PublicKey]]:
        return {kid: (name, key) for name in self.known for kid, key in self.rings[name].publics().items()}

    @staticmethod
    def _ring(folder: Path) -> KeyRing:
        make_key(folder)
        return KeyRing(folder)


@pytest.fixture
async def inner(tmp_path: Path, items: FakeOrigin) -> AsyncIterator[Inner]:
    made = Inner(tmp_path, items)
    yield made
    items.hang_up_on_all()
    await made.pool.close()


def code(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.body.partition(b'"code":"')[2].partition(b'"')[0]


async def test_a_service_is_known_to_another_by_name(inner: Inner) -> None:
    reply = await inner.ask(inner.token())

    claims = inner.told()
    assert (reply.status, claims.caller, claims.sub, claims.body) == (200, "orders", None, digest(b"{}"))
    assert inner.items.visits[0].header("authorization") is None


async def test_the_user_it_serves_is_told_beside_it(inner: Inner) -> None:
    user = uuid7()

    await inner.ask(inner.token(on_behalf=inner.identity(user)))

    claims = inner.told()
    assert (claims.caller, claims.sub) == ("orders", user)
    assert claims.roles == {"buyer"}


async def test_a_request_that_takes_long_may_still_speak_for_its_user_but_not_for_ever(inner: Inner) -> None:
    identity = inner.identity(uuid7())
    inner.clock.now += 60

    late = await inner.ask(inner.token(on_behalf=identity))
    inner.clock.now += 60
    too_late = await inner.ask(inner.token(on_behalf=identity))

    assert (late.status, too_late.status) == (200, 401)


async def test_an_identity_given_to_another_service_speaks_for_nobody(inner: Inner) -> None:
    reply = await inner.ask(inner.token(on_behalf=inner.identity(uuid7(), audience="users")))

    assert code(reply) == (401, b"token_refused")


async def test_an_identity_signed_by_the_caller_itself_speaks_for_nobody(inner: Inner) -> None:
    _, forged = Minter(inner.rings["orders"], now=inner.clock).field(Visitor(sub=uuid7()), "orders", b"")

    reply = await inner.ask(inner.token(on_behalf=forged.decode()))

    assert code(reply) == (401, b"token_refused")


async def test_no_edge_no_way(inner: Inner) -> None:
    by_users = await inner.ask(inner.token("users"))
    by_orders = await inner.ask(
        inner.token(target="GET /internal/v1/holds/7", body=b""), "GET", "/internal/v1/holds/7", b""
    )

    assert [code(by_users), code(by_orders)] == [(403, b"edge_forbidden")] * 2
    assert inner.items.visits == []


@pytest.mark.parametrize("target", ["/internal/v1/holds/7/more", "/internal/v1", "/api/v1/items", "/internal/v1/other"])
async def test_an_edge_is_exactly_its_path(inner: Inner, target: str) -> None:
    reply = await inner.ask(inner.token(target=f"POST {target}"), target=target)

    assert code(reply) == (404, b"no_such_route")


async def test_a_token_is_used_once(inner: Inner) -> None:
    token = inner.token()

    first, second = await inner.ask(token), await inner.ask(token)

    assert (first.status, code(second)) == (200, (401, b"caller_refused"))


async def test_an_id_is_used_once_whatever_the_token(inner: Inner) -> None:
    jti = uuid7()

    await inner.ask(inner.token(jti=jti))
    again = await inner.ask(inner.token(jti=jti))

    assert code(again) == (401, b"caller_refused")


async def test_a_token_is_for_one_call(inner: Inner) -> None:
    reply = await inner.ask(
        inner.token("users", target="GET /internal/v1/holds/7", body=b""), "GET", "/internal/v1/holds/8", b""
    )

    assert code(reply) == (401, b"caller_refused")


@pytest.mark.parametrize(("signed", "sent"), [(b"{}", b'{"more":1}'), (b"", b"{}"), (b"{}", b"")])
async def test_a_token_is_for_one_body(inner: Inner, signed: bytes, sent: bytes) -> None:
    reply = await inner.ask(inner.token(body=signed), body=sent)

    assert code(reply) == (401, b"caller_refused")
    assert inner.items.visits == []


async def test_a_service_cannot_sign_as_another(inner: Inner) -> None:
    reply = await inner.ask(inner.token("users", issuer="orders"))

    assert code(reply) == (401, b"token_refused")


async def test_a_stranger_is_refused(inner: Inner) -> None:
    reply = await inner.ask(inner.token("stranger", issuer="orders"))

    assert code(reply) == (401, b"caller_refused")


async def test_a_token_that_is_too_old_lives_too_long_or_is_for_elsewhere_is_refused(inner: Inner) -> None:
    old, long_lived, elsewhere = inner.token(lives_s=-10), inner.token(lives_s=3600), inner.token(audience="souk")

    replies = [await inner.ask(token) for token in (old, long_lived, elsewhere)]

    assert [reply.status for reply in replies] == [401, 401, 401]
    assert inner.items.visits == []


async def test_an_access_token_of_a_user_opens_nothing_here(inner: Inner) -> None:
    reply = await inner.ask(inner.identity(uuid7(), audience=INTERNAL_AUDIENCE))

    assert reply.status == 401


async def test_what_everyone_inside_may_ask_needs_no_token(inner: Inner) -> None:
    reply = await inner.inside.call(Call(method="GET", target="/health/live", headers=()), timeout_s=2)

    assert reply.status == 200


async def test_the_trace_goes_on_from_service_to_service(inner: Inner) -> None:
    parent = "00-11111111111111111111111111111111-2222222222222222-01"

    await inner.ask(inner.token(), traceparent=parent, x_request_id="theirs", x_souk_identity="forged")

    visit = inner.items.visits[0]
    assert (visit.header("traceparent"), visit.header("x-request-id")) == (parent, "theirs")
    assert visit.header("x-souk-identity") != "forged"


@pytest.mark.parametrize(("left", "told"), [("1500", "1500"), ("999999999", "5000"), ("soon", "5000")])
async def test_a_caller_passes_on_the_time_it_has_left(inner: Inner, left: str, told: str) -> None:
    await inner.ask(inner.token(), x_souk_timeout_ms=left)

    assert inner.items.visits[0].header("x-souk-timeout-ms") == told
