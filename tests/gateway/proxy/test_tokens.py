"""Attacks on access tokens, at the door: all are refused, and none reaches a service."""

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.chassis.identity.keys import make_key, to_jwk
from services.chassis.ids import uuid7
from services.contracts.auth import ResolvedApiKey
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.doors import API_KEY_REMEMBERED_S
from services.gateway.proxy.minting import Minter
from tests.gateway.running import RunningGateway, bearer, get

pytestmark = pytest.mark.embedded

Header = dict[str, object]
Forge = Callable[[RunningGateway], str]


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _parts(gateway: RunningGateway) -> tuple[Header, Header]:
    token = gateway.token(roles=frozenset({"staff"}))
    head, body, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return msgspec.json.decode(head, type=Header), msgspec.json.decode(body, type=Header)


def _signed_by(gateway: RunningGateway, key: Ed25519PrivateKey, **header: object) -> str:
    told, claims = _parts(gateway)
    return jwt.encode(claims, key, algorithm="EdDSA", headers={**told, **header})


def unsigned(gateway: RunningGateway) -> str:
    header, claims = _parts(gateway)
    return f"{_b64(msgspec.json.encode({**header, 'alg': 'none'}))}.{_b64(msgspec.json.encode(claims))}."


def signed_with_the_public_key_as_secret(gateway: RunningGateway) -> str:
    header, claims = _parts(gateway)
    public = gateway.auth_keys.signing().public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{_b64(msgspec.json.encode({**header, 'alg': 'HS256'}))}.{_b64(msgspec.json.encode(claims))}"
    return f"{text}.{_b64(hmac.new(public, text.encode(), sha256).digest())}"


def signed_by_a_stranger(gateway: RunningGateway) -> str:
    return _signed_by(gateway, Ed25519PrivateKey.generate())


def signed_by_a_stranger_under_its_own_kid(gateway: RunningGateway) -> str:
    key = Ed25519PrivateKey.generate()
    return _signed_by(gateway, key, kid=to_jwk(key.public_key()).kid)


def with_its_own_key_inside(gateway: RunningGateway) -> str:
    key = Ed25519PrivateKey.generate()
    jwk = msgspec.to_builtins(to_jwk(key.public_key()))
    return _signed_by(gateway, key, jwk=jwk, kid=jwk["kid"])


def with_a_key_to_be_fetched(gateway: RunningGateway) -> str:
    return _signed_by(
        gateway, Ed25519PrivateKey.generate(), jku="http://127.0.0.1:1/jwks.json", x5u="http://127.0.0.1:1"
    )


def with_a_kid_that_is_a_path(gateway: RunningGateway) -> str:
    return _signed_by(gateway, Ed25519PrivateKey.generate(), kid="../../../../dev/null")


def with_a_kid_that_is_sql(gateway: RunningGateway) -> str:
    return _signed_by(gateway, Ed25519PrivateKey.generate(), kid="x' UNION SELECT 'key' --")


def with_other_claims(gateway: RunningGateway) -> str:
    head, _, signature = gateway.token().split(".")
    _, claims = _parts(gateway)
    return f"{head}.{_b64(msgspec.json.encode({**claims, 'sub': str(uuid7())}))}.{signature}"


def of_another_type(gateway: RunningGateway) -> str:
    _, claims = _parts(gateway)
    key = gateway.auth_keys.signing()
    return jwt.encode(claims, key.private, algorithm="EdDSA", headers={"kid": key.kid, "typ": "souk-identity+jwt"})


def for_another_audience(gateway: RunningGateway) -> str:
    return gateway.token(changed={"aud": "souk-internal"})


def of_another_issuer(gateway: RunningGateway) -> str:
    return gateway.token(changed={"iss": "items"})


def expired(gateway: RunningGateway) -> str:
    return gateway.token(lives_s=-10)


def an_identity_of_the_gateways_own(gateway: RunningGateway) -> str:
    _, token = Minter(gateway.keys, now=gateway.clock).field(Visitor(sub=uuid7()), "items", b"")
    return token.decode()


FORGERIES = (
    unsigned,
    signed_with_the_public_key_as_secret,
    signed_by_a_stranger,
    signed_by_a_stranger_under_its_own_kid,
    with_its_own_key_inside,
    with_a_key_to_be_fetched,
    with_a_kid_that_is_a_path,
    with_a_kid_that_is_sql,
    with_other_claims,
    of_another_type,
    for_another_audience,
    of_another_issuer,
    expired,
    an_identity_of_the_gateways_own,
)


@pytest.mark.parametrize("forge", FORGERIES)
@pytest.mark.parametrize("target", ["/api/v1/own", "/api/v1/open"])
async def test_a_forged_token_is_refused(gateway: RunningGateway, forge: Forge, target: str) -> None:
    client = await gateway.client()
    await client.ask(get("/api/v1/own", bearer(gateway.token())))

    answer = await client.ask(get(target, bearer(forge(gateway))))

    assert (answer.status, answer.code) == (401, "token_refused")
    assert (answer.header("www-authenticate") or "").startswith("Bearer")
    assert len(gateway.items.visits) == 1


@pytest.mark.parametrize(
    "value",
    ["Basic dTpw", "Bearer", "Bearer  ", "bearer a b c", "Bearer ü", "Bearer a.b", "Bearer ..", "Bearer " + "x" * 5000],
)
async def test_what_is_no_token_is_refused(gateway: RunningGateway, value: str) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/own", f"Authorization: {value}"))

    assert (answer.status, answer.code) == (401, "token_refused")


async def test_a_users_route_needs_a_token(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/own"))

    assert (answer.status, answer.code) == (401, "login_needed")
    assert gateway.items.visits == []


async def test_a_token_that_was_believed_expires_all_the_same(gateway: RunningGateway) -> None:
    client = await gateway.client()
    token = gateway.token(lives_s=60)

    first = await client.ask(get("/api/v1/own", bearer(token)))
    gateway.clock.now += 70
    second = await client.ask(get("/api/v1/own", bearer(token)))

    assert (first.status, second.status) == (200, 401)


async def test_a_revoked_session_is_refused_at_once_and_for_good(gateway: RunningGateway) -> None:
    client = await gateway.client()
    session = uuid7()
    token, again = (gateway.token(session=session) for _ in range(2))

    first = await client.ask(get("/api/v1/own", bearer(token)))
    gateway.door.revoke(session, gateway.clock() + 600)
    refused = [await client.ask(get("/api/v1/own", bearer(each))) for each in (token, again)]

    assert first.status == 200
    assert [(answer.status, answer.code) for answer in refused] == [(401, "token_revoked")] * 2


async def test_keys_may_rotate_under_a_hundred_requests(gateway: RunningGateway, tmp_path: Path) -> None:
    client = await gateway.client()
    statuses = [(await client.ask(get("/api/v1/own", bearer(gateway.token())))).status for _ in range(50)]

    before = gateway.auth_keys.signing().kid
    make_key(tmp_path / "auth")
    gateway.clock.now += 6
    await gateway.door.learn_keys()
    statuses += [(await client.ask(get("/api/v1/own", bearer(gateway.token())))).status for _ in range(50)]

    assert set(statuses) == {200}
    assert gateway.auth_keys.signing().kid != before


async def test_many_first_requests_at_once_learn_the_keys_together(gateway: RunningGateway) -> None:
    clients = [await gateway.client() for _ in range(20)]

    for client in clients:
        await client.send(get("/api/v1/own", bearer(gateway.token())))
    statuses = [(await client.answer()).status for client in clients]

    assert statuses == [200] * 20


def resolved(**changed: object) -> ResolvedApiKey:
    told: Header = {"key_id": uuid7(), "user_id": uuid7(), "roles": ["seller"], "scopes": ["shop:read"], **changed}
    return msgspec.convert(told, ResolvedApiKey)


async def test_an_api_key_is_asked_of_auth_once_a_minute(gateway: RunningGateway) -> None:
    gateway.desk.keys["sk_good"] = resolved()
    client = await gateway.client()

    statuses = [(await client.ask(get("/api/v1/own", bearer("sk_good")))).status for _ in range(5)]
    asked = gateway.desk.asked
    gateway.clock.now += API_KEY_REMEMBERED_S + 1
    await client.ask(get("/api/v1/own", bearer("sk_good")))

    assert (statuses, asked, gateway.desk.asked) == ([200] * 5, 1, 2)


async def test_an_unknown_api_key_is_refused(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/own", bearer("sk_unknown")))

    assert (answer.status, answer.code) == (401, "token_refused")


async def test_an_api_key_is_not_believed_past_its_end(gateway: RunningGateway) -> None:
    ends = datetime.fromtimestamp(gateway.clock() + 5, UTC)
    gateway.desk.keys["sk_short"] = resolved(expires_at=ends)
    client = await gateway.client()
    await client.ask(get("/api/v1/own", bearer("sk_short")))

    gateway.clock.now += 6
    del gateway.desk.keys["sk_short"]
    answer = await client.ask(get("/api/v1/own", bearer("sk_short")))

    assert answer.status == 401


async def test_a_deleted_api_key_is_refused_at_once(gateway: RunningGateway) -> None:
    key = gateway.desk.keys["sk_good"] = resolved()
    client = await gateway.client()
    await client.ask(get("/api/v1/own", bearer("sk_good")))

    gateway.door.revoke(key.key_id, gateway.clock() + 120)
    answer = await client.ask(get("/api/v1/own", bearer("sk_good")))

    assert (answer.status, answer.code) == (401, "token_revoked")
