"""The three signed tokens of Souk and the rules by which each is accepted. All are JWTs signed with EdDSA.

| token | made by | for | lives | `typ` |
|---|---|---|---|---|
| access | auth, for a session or an API key | the gateway | 10 min | `at+jwt` |
| identity | the gateway, for one call | one service (`aud`) | 30 s | `souk-identity+jwt` |
| caller | a service, for one internal call | the gateway's internal listener | 30 s | `souk-caller+jwt` |

Nothing in a token but `kid` chooses the key, and `kid` only among keys that are already known: `jku`, `jwk` and `x5u`
are never read.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Literal, TypeVar
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from services.chassis.errors import Unproven
from services.chassis.identity.keys import SigningKey

ACCESS_TTL_S = 600
IDENTITY_TTL_S = 30
CALLER_TTL_S = 30
CLOCK_LEEWAY_S = 5

GATEWAY_AUDIENCE = "souk"
"""What access tokens are for."""
INTERNAL_AUDIENCE = "souk-internal"
"""What caller tokens are for."""

Role = Literal["buyer", "seller", "staff"]


class AccessClaims(Struct, frozen=True, kw_only=True):
    """A user, in one session."""

    iss: str
    aud: str
    sub: UUID
    sid: UUID
    roles: frozenset[Role]
    exp: int
    iat: int
    jti: UUID
    scopes: frozenset[str] | None = None
    """Set for API keys: what they are limited to. None: all that the roles allow."""


class IdentityClaims(Struct, frozen=True, kw_only=True):
    """What a service learns of who is asking. `sub` is None for an anonymous visitor and for a service's own errand."""

    iss: str
    aud: str
    exp: int
    iat: int
    sub: UUID | None = None
    sid: UUID | None = None
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] | None = None
    caller: str | None = None
    """The service that asks, on the internal listener; None from outside."""
    body: str | None = None
    """Base64url SHA-256 of the body, on every request that has one."""


class CallerClaims(Struct, frozen=True, kw_only=True):
    """A service that asks another. `on_behalf` is the identity token it is serving, if any."""

    iss: str
    aud: str
    exp: int
    iat: int
    jti: UUID
    target: str
    """`METHOD path` of the one call this is for."""
    body: str | None = None
    on_behalf: str | None = None


# Times and audiences are checked by `verify` against the clock we are given, so that tests need no patching.
_LEFT_TO_US: jwt.types.Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}

Claims = TypeVar("Claims", AccessClaims, IdentityClaims, CallerClaims)

TYP: dict[type[Struct], str] = {
    AccessClaims: "at+jwt",
    IdentityClaims: "souk-identity+jwt",
    CallerClaims: "souk-caller+jwt",
}


class TokenRefused(Unproven):
    """The token is not one of ours, not for us, or not for now."""

    code = "token_refused"
    title = "Token refused"


def sign(claims: AccessClaims | IdentityClaims | CallerClaims, key: SigningKey) -> str:
    """A compact JWS."""
    payload: dict[str, object] = msgspec.to_builtins(claims)
    return jwt.encode(payload, key.private, algorithm="EdDSA", headers={"kid": key.kid, "typ": TYP[type(claims)]})


def key_id(token: str) -> str:
    """The `kid` a token names, not yet believed. Raises `TokenRefused` for what is not a JWS."""
    try:
        kid = _kid_of(token.partition(".")[0])
    except jwt.PyJWTError as refused:
        raise TokenRefused("the token cannot be read") from refused
    if kid is None:
        raise TokenRefused("the token names no key")
    return kid


@lru_cache(maxsize=64)
def _kid_of(header: str) -> str | None:
    # All tokens of one kind that one key signed begin alike, and each is asked for its key twice.
    kid = jwt.get_unverified_header(f"{header}..").get("kid")
    return kid if isinstance(kid, str) else None


def verify(
    token: str, claims: type[Claims], *, issuer: str, audience: str, keys: Mapping[str, Ed25519PublicKey], now: datetime
) -> Claims:
    """The claims, if signature, `typ`, `iss`, `aud`, `exp` and `iat` all hold at `now`. Raises `TokenRefused`."""
    key = keys.get(key_id(token))
    if key is None:
        raise TokenRefused("the token is signed by an unknown key")
    try:
        decoded = jwt.decode_complete(token, key, algorithms=["EdDSA"], options=_LEFT_TO_US)
        found = msgspec.convert(decoded["payload"], claims)
    except (jwt.PyJWTError, msgspec.ValidationError) as refused:
        raise TokenRefused("the token is malformed or its signature is wrong") from refused
    if decoded["header"].get("typ") != TYP[claims]:
        raise TokenRefused("the token is of another type")
    if found.iss != issuer or found.aud != audience:
        raise TokenRefused("the token is for another audience")
    moment = now.timestamp()
    if not found.iat - CLOCK_LEEWAY_S <= moment < found.exp + CLOCK_LEEWAY_S:
        raise TokenRefused("the token has expired or is not valid yet")
    return found
