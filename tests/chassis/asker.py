"""Asks a service's application in process, as the gateway would: with a signed identity, without sockets."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from litestar.types import ASGIApp
from msgspec import Struct

from services.chassis.clock import Clock
from services.chassis.identity.checking import GATEWAY_ISSUER, IdentityCheck, Publics
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.identity.tokens import IDENTITY_TTL_S, IdentityClaims, Role, sign


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
            sid=user,
            roles=roles,
            scopes=scopes,
            caller=caller,
            body=digest,
        )
        return sign(claims, self._ring.signing())

    async def ask(
        self, method: str, target: str, body: bytes = b"", *, token: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request through the whole application."""
        path, _, query = target.partition("?")
        fields = {"host": "test", **(headers or {})}
        if token is not None:
            fields["x-souk-identity"] = token
        if body:
            fields |= {"content-length": str(len(body)), "content-type": fields.get("content-type", "application/json")}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": "http",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in fields.items()],
            "server": ("test", 80),
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        return await _run(self.app, scope, body)


async def _run(app: Callable[..., object] | None, scope: dict[str, object], body: bytes) -> Answer:
    sent: list[dict[str, object]] = []
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, object]:
        return pending.pop() if pending else {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    if app is None:
        raise AssertionError("set `app` first")
    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    chunks = [message.get("body", b"") for message in sent if message["type"] == "http.response.body"]
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(status=start["status"], headers=headers, body=b"".join(chunks))
