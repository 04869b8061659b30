"""Who comes in from outside: access tokens checked against auth's keys, API keys asked of auth, both remembered.

A token is verified once, which costs as much as ten requests, and then believed until it expires or is revoked.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.chassis.identity.checking import KeySource
from services.chassis.identity.tokens import GATEWAY_AUDIENCE, AccessClaims, TokenRefused, key_id, verify
from services.contracts.auth import ResolvedApiKey
from services.gateway.domain.limits import Purse
from services.gateway.domain.refusals import LoginNeeded, TokenRevoked
from services.gateway.domain.routes import Access, Route
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.incoming import Incoming
from services.gateway.proxy.limiting import Purses
from services.gateway.proxy.streams import Streams

AUTH_ISSUER = "souk-auth"
API_KEY_PREFIX = "sk_"
API_KEY_REMEMBERED_S = 60.0
TOKEN_BYTES_MOST = 4096
REMEMBERED = 50_000
REFETCH_S = 1.0


class KeyDesk(Protocol):
    """Auth, as the door needs it."""

    async def resolve(self, secret: str) -> ResolvedApiKey | None:
        """Whose key it is; None for no key of ours. Raises `Unavailable`."""


class PublicDoor:
    """Remembers visitors by their Authorization header."""

    def __init__(
        self,
        keys: KeySource,
        desk: KeyDesk,
        *,
        ledger: set[Purse] | None = None,
        wall: Callable[[], float] = time.time,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = keys
        self._desk = desk
        self._wall = wall
        self._now = now
        self._keys: Mapping[str, Ed25519PublicKey] = {}
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._known: dict[bytes, Visitor] = {}
        self._revoked: dict[UUID, float] = {}
        self._anonymous = Visitor()
        self._users = Purses("user", ledger)
        self._api_keys = Purses("key", ledger)
        self.streams = Streams()
        """See `Door`."""

    def recognise(self, incoming: Incoming, route: Route) -> Visitor | Awaitable[Visitor]:
        """See `Door`."""
        authorization = incoming.held.get(b"authorization")
        if authorization is None:
            if route.access is Access.USER:
                raise LoginNeeded
            return self._anonymous
        visitor = self._known.get(authorization)
        if visitor is not None and visitor.expires > self._wall():
            return visitor
        return self._examine(authorization)

    def confirm(self, visitor: Visitor, incoming: Incoming) -> None:
        """See `Door`. Tokens from outside are not bound to a body."""

    def revoke(self, revoked: UUID, until: float) -> None:
        """Stop believing the tokens of a session, or an API key, until they would have expired anyway, and end what was
        opened with them.
        """
        if revoked in self._revoked:
            return
        wall = self._wall()
        self._revoked = {one: moment for one, moment in self._revoked.items() if moment > wall}
        self._revoked[revoked] = until
        self._known = {header: one for header, one in self._known.items() if revoked not in {one.sid, one.key_id}}
        self.streams.cut(revoked)

    async def learn_keys(self) -> None:
        """Auth's keys as they are now. Done often enough, no token comes whose key is new here."""
        self._keys = await self._source()
        self._fetched_at = self._now()

    def visitors(self) -> list[Visitor]:
        """Everyone who is remembered."""
        return list(self._known.values())

    def _examine(self, authorization: bytes) -> Visitor | Awaitable[Visitor]:
        scheme, _, secret = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not secret or len(secret) > TOKEN_BYTES_MOST or not secret.isascii():
            raise TokenRefused("Authorization must be `Bearer` and a token")
        token = secret.strip().decode("ascii")
        if token.startswith(API_KEY_PREFIX):
            return self._resolve(token, authorization)
        if key_id(token) not in self._keys:
            return self._verify_later(token, authorization)
        return self._verify(token, authorization)

    async def _verify_later(self, token: str, authorization: bytes) -> Visitor:
        async with self._fetching:
            if self._now() - self._fetched_at >= REFETCH_S:
                await self.learn_keys()
        return self._verify(token, authorization)

    def _verify(self, token: str, authorization: bytes) -> Visitor:
        wall = self._wall()
        moment = datetime.fromtimestamp(wall, UTC)
        claims = verify(token, AccessClaims, issuer=AUTH_ISSUER, audience=GATEWAY_AUDIENCE, keys=self._keys, now=moment)
        if self._revoked.get(claims.sid, 0.0) > wall:
            raise TokenRevoked
        visitor = Visitor(
            sub=claims.sub,
            sid=claims.sid,
            roles=claims.roles,
            scopes=claims.scopes,
            expires=float(claims.exp),
            purse=self._users.of(str(claims.sub), self._now()),
        )
        self._remember(authorization, visitor)
        return visitor

    async def _resolve(self, secret: str, authorization: bytes) -> Visitor:
        found = await self._desk.resolve(secret)
        wall = self._wall()
        if found is None:
            raise TokenRefused("no such API key")
        if self._revoked.get(found.key_id, 0.0) > wall:
            raise TokenRevoked
        known_until = wall + API_KEY_REMEMBERED_S
        visitor = Visitor(
            sub=found.user_id,
            roles=found.roles,
            scopes=found.scopes,
            key_id=found.key_id,
            expires=known_until if found.expires_at is None else min(known_until, found.expires_at.timestamp()),
            purse=self._api_keys.of(str(found.key_id), self._now()),
        )
        self._remember(authorization, visitor)
        return visitor

    def _remember(self, authorization: bytes, visitor: Visitor) -> None:
        if len(self._known) >= REMEMBERED:
            wall = self._wall()
            self._known = {header: one for header, one in self._known.items() if one.expires > wall}
        while len(self._known) >= REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[authorization] = visitor
