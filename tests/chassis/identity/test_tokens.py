"""Invariant 25 where tokens are checked: whatever is not exactly ours is refused."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from services.chassis.identity.keys import KeyRing, SigningKey, make_key, to_jwk
from services.chassis.identity.tokens import AccessClaims, IdentityClaims, TokenRefused, sign, verify
from services.chassis.ids import uuid7

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CLAIMS = AccessClaims(
    iss="souk-auth",
    aud="souk",
    sub=uuid7(),
    sid=uuid7(),
    roles=frozenset({"buyer"}),
    iat=int(NOW.timestamp()),
    exp=int(NOW.timestamp()) + 600,
    jti=uuid7(),
)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    make_key(tmp_path)
    return KeyRing(tmp_path)


def check(token: str, ring: KeyRing, now: datetime = NOW) -> AccessClaims:
    return verify(token, AccessClaims, issuer="souk-auth", audience="souk", keys=ring.publics(), now=now)


def encode(part: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=").decode()


def payload() -> dict[str, object]:
    built: dict[str, object] = msgspec.to_builtins(CLAIMS)
    return built


def unsigned(key: SigningKey) -> str:
    return f"{encode({'alg': 'none', 'typ': 'at+jwt', 'kid': key.kid})}.{encode(payload())}."


def signed_with_the_public_key_as_secret(key: SigningKey) -> str:
    """Algorithm confusion: an HMAC whose secret everyone knows."""
    head = f"{encode({'alg': 'HS256', 'typ': 'at+jwt', 'kid': key.kid})}.{encode(payload())}"
    secret = key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    digest = hmac.new(secret, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def with_header(key: SigningKey, **extra: object) -> str:
    """Signed by a key of the attacker, which the header offers in some way."""
    own = Ed25519PrivateKey.generate()
    pem = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    headers = {"typ": "at+jwt", "kid": key.kid, "jwk": msgspec.to_builtins(to_jwk(own.public_key())), **extra}
    return jwt.encode(payload(), pem, algorithm="EdDSA", headers=headers)


def altered(key: SigningKey) -> str:
    head, _, signature = sign(CLAIMS, key).split(".")
    return f"{head}.{encode({**payload(), 'roles': ['staff']})}.{signature}"


def other_typ(key: SigningKey) -> str:
    return jwt.encode(payload(), key.private, algorithm="EdDSA", headers={"kid": key.kid, "typ": "JWT"})


def identity_in_its_place(key: SigningKey) -> str:
    claims = IdentityClaims(iss="souk-auth", aud="souk", iat=CLAIMS.iat, exp=CLAIMS.exp, sub=CLAIMS.sub)
    return sign(claims, key)


def for_another_audience(key: SigningKey) -> str:
    return sign(msgspec.structs.replace(CLAIMS, aud="elsewhere"), key)


def by_another_issuer(key: SigningKey) -> str:
    return sign(msgspec.structs.replace(CLAIMS, iss="souk-gateway"), key)


ATTACKS: dict[str, Callable[[SigningKey], str]] = {
    "unsigned": unsigned,
    "public key as secret": signed_with_the_public_key_as_secret,
    "own key in jwk": with_header,
    "own key by jku": lambda key: with_header(key, jku="https://attacker.example/jwks.json"),
    "own key by x5u": lambda key: with_header(key, x5u="https://attacker.example/cert.pem"),
    "kid that walks the disk": lambda key: with_header(key, kid="../../../../dev/null"),
    "kid with SQL": lambda key: with_header(key, kid="' union select 'x"),
    "kid that is a list": lambda key: f"{encode({'alg': 'EdDSA', 'typ': 'at+jwt', 'kid': [key.kid]})}.e30.AA",
    "altered claims": altered,
    "other typ": other_typ,
    "identity token": identity_in_its_place,
    "other audience": for_another_audience,
    "other issuer": by_another_issuer,
    "empty": lambda _key: "",
    "dots": lambda _key: "..",
    "rubbish": lambda _key: "\x00\xff.\x00.\x00",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_forged_token_is_refused(attack: str, ring: KeyRing) -> None:
    forged = ATTACKS[attack](ring.signing())

    with pytest.raises(TokenRefused):
        check(forged, ring)


def test_our_own_token_is_accepted_until_it_expires(ring: KeyRing) -> None:
    token = sign(CLAIMS, ring.signing())

    assert check(token, ring) == CLAIMS
    assert check(token, ring, NOW + timedelta(seconds=599)) == CLAIMS
    with pytest.raises(TokenRefused, match="expired"):
        check(token, ring, NOW + timedelta(seconds=606))
    with pytest.raises(TokenRefused, match="not valid yet"):
        check(token, ring, NOW - timedelta(seconds=6))
