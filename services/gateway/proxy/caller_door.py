"""Who comes in from inside: services, each with a token signed by its own key, for one call and one body.

A token is used once. Beside it stands the identity the caller is serving, which this gateway minted a moment ago; its
user goes on into the identity minted for the target, with the caller's name beside.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.chassis.identity.checking import GATEWAY_ISSUER
from services.chassis.identity.keys import KeyRing
from services.chassis.identity.tokens import (
    CALLER_TTL_S,
    CLOCK_LEEWAY_S,
    INTERNAL_AUDIENCE,
    CallerClaims,
    IdentityClaims,
    TokenRefused,
    key_id,
    verify,
)
from services.gateway.domain.refusals import CallerRefused, EdgeForbidden
from services.gateway.domain.routes import Access, Route
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.incoming import Incoming
from services.gateway.proxy.minting import digest
from services.gateway.proxy.streams import Streams

ON_BEHALF_GRACE = timedelta(seconds=60)
"""A request that is being served may be older than the identity it came with is valid."""
Signers = Callable[[], Awaitable[Mapping[str, tuple[str, Ed25519PublicKey]]]]
"""Key id → the service that signs with it, and the key; asked again when an unknown key appears."""
REFETCH_S = 1.0


class CallerDoor:
    """Believes services about themselves, as far as the edges let them in."""

    def __init__(
        self,
        signers: Signers,
        own: KeyRing,
        admitted: Mapping[tuple[str, str], frozenset[str]],
        *,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._source = signers
        self._own = own
        self._admitted = admitted
        self._wall = wall
        self._signers: Mapping[str, tuple[str, Ed25519PublicKey]] = {}
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._used: dict[UUID, float] = {}
        self._anonymous = Visitor()
        self.streams = Streams()
        """See `Door`. Services hold no sessions, so none is ever cut."""

    def recognise(self, incoming: Incoming, route: Route) -> Visitor | Awaitable[Visitor]:
        """See `Door`."""
        if route.access is Access.PUBLIC:
            return self._anonymous
        scheme, _, secret = incoming.held.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not secret.isascii():
            raise CallerRefused("services call with `Authorization: Bearer` and a caller token")
        token = secret.decode("ascii")
        if key_id(token) not in self._signers:
            return self._learn_and_examine(token, incoming, route)
        return self._examine(token, incoming, route)

    def confirm(self, visitor: Visitor, incoming: Incoming) -> None:
        """See `Door`."""
        sent = digest(incoming.body) if incoming.body else None
        if visitor.caller is not None and visitor.body != sent:
            raise CallerRefused("the caller token was made for another body")

    async def learn_keys(self) -> None:
        """The services' keys as they are now."""
        self._signers = await self._source()
        self._fetched_at = self._wall()

    async def _learn_and_examine(self, token: str, incoming: Incoming, route: Route) -> Visitor:
        async with self._fetching:
            if self._wall() - self._fetched_at >= REFETCH_S:
                await self.learn_keys()
        return self._examine(token, incoming, route)

    def _examine(self, token: str, incoming: Incoming, route: Route) -> Visitor:
        signer = self._signers.get(key_id(token))
        if signer is None:
            raise CallerRefused("the caller token is signed by an unknown key")
        caller, key = signer
        now = datetime.fromtimestamp(self._wall(), UTC)
        claims = verify(
            token, CallerClaims, issuer=caller, audience=INTERNAL_AUDIENCE, keys={key_id(token): key}, now=now
        )
        target = f"{incoming.method} {incoming.target.decode('ascii')}"
        if claims.target != target:
            raise CallerRefused("the caller token was made for another call")
        if caller not in self._admitted.get((route.path, incoming.method), frozenset()):
            raise EdgeForbidden(caller=caller, target=f"{incoming.method} {route.path}")
        self._use_up(claims)
        return self._visitor(caller, claims, now)

    def _use_up(self, claims: CallerClaims) -> None:
        wall = self._wall()
        if claims.exp - claims.iat > CALLER_TTL_S:
            raise CallerRefused("the caller token lives too long")
        if claims.jti in self._used:
            raise CallerRefused("the caller token was used before")
        # Tokens live equally long, so the order of use is about the order of expiry.
        while self._used and next(iter(self._used.values())) < wall:
            del self._used[next(iter(self._used))]
        self._used[claims.jti] = wall + CALLER_TTL_S + 2 * CLOCK_LEEWAY_S

    def _visitor(self, caller: str, claims: CallerClaims, now: datetime) -> Visitor:
        if claims.on_behalf is None:
            return Visitor(caller=caller, body=claims.body)
        user = self._read_identity(claims.on_behalf, caller, now)
        return Visitor(
            sub=user.sub, sid=user.sid, roles=user.roles, scopes=user.scopes, caller=caller, body=claims.body
        )

    def _read_identity(self, token: str, caller: str, now: datetime) -> IdentityClaims:
        keys = self._own.publics()
        try:
            return verify(token, IdentityClaims, issuer=GATEWAY_ISSUER, audience=caller, keys=keys, now=now)
        except TokenRefused:
            earlier = now - ON_BEHALF_GRACE
            return verify(token, IdentityClaims, issuer=GATEWAY_ISSUER, audience=caller, keys=keys, now=earlier)
