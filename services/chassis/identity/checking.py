"""How a service learns who is asking: it believes the gateway's signature and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.chassis.clock import Clock
from services.chassis.errors import Unavailable
from services.chassis.identity.keys import JwkSet, from_jwk
from services.chassis.identity.tokens import IdentityClaims, TokenRefused, key_id, verify
from services.chassis.wire.port import Call, Upstream, UpstreamError

GATEWAY_ISSUER = "souk-gateway"
REMEMBERED = 10_000
REFETCH_S = 1.0
FETCH_TIMEOUT_S = 2.0

Publics = Mapping[str, Ed25519PublicKey]
KeySource = Callable[[], Awaitable[Publics]]
"""Gives the keys a signer publishes now."""


class IdentityCheck:
    """Verifies identity tokens for one audience, each once: a token is remembered until it expires."""

    def __init__(self, *, audience: str, keys: KeySource, clock: Clock) -> None:
        self._audience = audience
        self._source = keys
        self._clock = clock
        self._keys: Publics = {}
        self._fetched_at: datetime | None = None
        self._fetching = asyncio.Lock()
        self._known: dict[str, IdentityClaims] = {}

    async def __call__(self, token: str) -> IdentityClaims:
        """Raises `TokenRefused`."""
        known = self._known.get(token)
        now = self._clock()
        if known is not None and known.exp > now.timestamp():
            return known
        if key_id(token) not in self._keys:
            await self._fetch(now)
        claims = verify(token, IdentityClaims, issuer=GATEWAY_ISSUER, audience=self._audience, keys=self._keys, now=now)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        if claims.body is None:  # A token bound to one body is not seen again.
            self._known[token] = claims
        return claims

    async def _fetch(self, now: datetime) -> None:
        async with self._fetching:
            if self._fetched_at is not None and (now - self._fetched_at).total_seconds() < REFETCH_S:
                return
            self._keys = await self._source()
            self._fetched_at = now


def keys_over_http(upstream: Upstream) -> KeySource:
    """The keys at `/.well-known/jwks.json` of `upstream`."""

    async def fetch() -> Publics:
        call = Call(method="GET", target="/.well-known/jwks.json", headers=((b"accept", b"application/json"),))
        try:
            reply = await upstream.call(call, timeout_s=FETCH_TIMEOUT_S)
        except UpstreamError as failed:
            raise Unavailable("the signing keys cannot be fetched") from failed
        if reply.status != HTTPStatus.OK:
            raise Unavailable(f"the signing keys cannot be fetched: {reply.status}")
        jwks = msgspec.json.decode(reply.body, type=JwkSet)
        return {jwk.kid: from_jwk(jwk) for jwk in jwks.keys}

    return fetch


def require_body(claims: IdentityClaims, digest: str) -> None:
    """Refuse a body other than the one the gateway signed for."""
    if claims.body != digest:
        raise TokenRefused("the identity was given for another body")
