"""Identities for services, signed by the gateway: minted once for a visitor's reads, and afresh for every body."""

import base64
import hashlib
import time
from collections.abc import Callable

from services.chassis.identity.checking import GATEWAY_ISSUER
from services.chassis.identity.keys import KeyRing
from services.chassis.identity.tokens import IDENTITY_TTL_S, IdentityClaims, sign
from services.gateway.domain.visitors import Field, Visitor

REUSED_S = IDENTITY_TTL_S / 2
"""The rest of its life is for the call to arrive and be checked."""
NAME = b"x-souk-identity"


def digest(body: bytes) -> str:
    """The hash as tokens carry it."""
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


class Minter:
    """Signs with the gateway's current key."""

    def __init__(self, keys: KeyRing, *, now: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._now = now

    def field(self, visitor: Visitor, audience: str, body: bytes) -> Field:
        """The header that tells `audience` who is asking."""
        now = self._now()
        if body:
            return self._mint(visitor, audience, now, digest(body))
        known = visitor.identities.get(audience)
        if known is not None and known[0] > now:
            return known[1]
        fresh = self._mint(visitor, audience, now, None)
        visitor.identities[audience] = (now + REUSED_S, fresh)
        return fresh

    def _mint(self, visitor: Visitor, audience: str, now: float, body: str | None) -> Field:
        claims = IdentityClaims(
            iss=GATEWAY_ISSUER,
            aud=audience,
            iat=int(now),
            exp=int(now) + IDENTITY_TTL_S,
            sub=visitor.sub,
            sid=visitor.sid,
            roles=visitor.roles,
            scopes=visitor.scopes,
            caller=visitor.caller,
            body=body,
        )
        return NAME, sign(claims, self._keys.signing()).encode()
