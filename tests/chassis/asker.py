"""Asks a service's application in process, as the gateway would: with a signed identity, without sockets."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import msgspec
from litestar.types import ASGIApp
from msgspec import Struct

from services.chassis.clock import Clock
from services.chassis.identity.checking import GATEWAY_ISSUER, IdentityCheck, Publics
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.identity.tokens import IDENTITY_TTL_S, IdentityClaims, Role, sign
from services.chassis.wire.port import Call
from services.chassis.wire.upstream import AsgiUpstream


class Answer(Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        return msgspec.json.decode(self.body, type=dict[str, object])


class Asker:
    """Holds the gateway's key; `check` is what the application under test trusts."""

    def __init__(self, folder: Path, *, audience: str, clock: Clock) -> None:
        make_key(folder)
        self._ring = KeyRing(folder)
        self._audience = audience
        self._clock = clock
        self.app: ASGIApp | None = None

    @property
    def check(self) -> IdentityCheck:
        async def publics() -> Publics:
            return self._ring.publics()

        return IdentityCheck(audience=self._audience, keys=publics, clock=self._clock)

    def identity(
        self,
        *,
        user: UUID | None = None,
        session: UUID | None = None,
        roles: frozenset[Role] = frozenset(),
        caller: str | None = None,
        scopes: frozenset[str] | None = None,
        body: bytes = b"",
        audience: str | None = None,
    ) -> str:
        """A token such as the gateway mints."""
        now = int(self._clock().timestamp())
        digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode() if body else None
        claims = IdentityClaims(
            iss=GATEWAY_ISSUER,
            aud=audience or self._audience,
            iat=now,
            exp=now + IDENTITY_TTL_S,
            sub=user,
            sid=session or user,
            roles=roles,
            scopes=scopes,
            caller=caller,
            body=digest,
        )
        return sign(claims, self._ring.signing())

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request through the whole application."""
        fields = dict(headers or {})
        if token is not None:
            fields["x-souk-identity"] = token
        if body:
            fields.setdefault("content-type", "application/json")
        if self.app is None:
            raise AssertionError("set `app` first")
        encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in fields.items()]
        call = Call(method=method, target=target, headers=encoded, body=body)
        reply = await AsgiUpstream(self.app).call(call, timeout_s=30)
        told = {name.decode(): value.decode("latin-1") for name, value in reply.headers}
        return Answer(status=reply.status, headers=told, body=reply.body)
