"""Somebody at a listening Souk, who sees whatever is answered. Speaks HTTP as any client would."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from services.auth.actions.granting import Grant
from services.chassis.ids import uuid7
from services.chassis.wire.port import Call, Upstream

Told = TypeVar("Told")
PASSWORD = "a stone in the brook"
PATIENCE_S = 20.0
POLL_S = 0.02


class Heard(Struct, frozen=True, kw_only=True):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def told(self, kind: type[Told]) -> Told:
        """What a success says."""
        if not 200 <= self.status < 300:
            raise AssertionError(f"refused: {self.status} {self.body.decode()}")
        return msgspec.json.decode(self.body, type=kind)

    @property
    def facts(self) -> dict[str, object]:
        """All members of a JSON object, such as a problem document."""
        return msgspec.json.decode(self.body, type=dict[str, object])

    @property
    def code(self) -> object:
        """Of a problem document; None for a success."""
        return None if self.status < 400 else self.facts.get("code")

    @property
    def refusal(self) -> tuple[int, object]:
        """Status and code."""
        return self.status, self.code


class Guest:
    """Asks with `token`, if there is one; writes carry a fresh Idempotency-Key unless they bring their own."""

    def __init__(self, gateway: Upstream, *, email: str = "", token: str | None = None) -> None:
        self._gateway = gateway
        self.email = email
        self.token = token

    async def ask(
        self, method: str, target: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> Heard:
        """A body that is not bytes is sent as JSON; an empty header is not sent."""
        raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        fields: dict[str, str] = {} if method in {"GET", "HEAD", "OPTIONS"} else {"idempotency-key": uuid7().hex}
        if raw:
            fields["content-type"] = "application/json"
        if self.token is not None:
            fields["authorization"] = f"Bearer {self.token}"
        fields.update(headers or {})
        sent = [(name.encode(), value.encode("latin-1")) for name, value in fields.items() if value]
        reply = await self._gateway.call(
            Call(method=method, target=target, headers=sent, body=raw), timeout_s=PATIENCE_S
        )
        told = {name.decode(): value.decode("latin-1") for name, value in reply.headers}
        return Heard(status=reply.status, headers=told, body=reply.body)

    async def get(self, target: str, **headers: str) -> Heard:
        return await self.ask("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def post(self, target: str, body: object = None, **headers: str) -> Heard:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("POST", target, body, headers=told)

    async def log_in(self, email: str | None = None, password: str = PASSWORD) -> Grant:
        """From now on, ask as this user."""
        self.token = None
        self.email = email or self.email
        heard = await self.post("/api/v1/auth/login", {"email": self.email, "password": password})
        granted = heard.told(Grant)
        self.token = granted.access_token
        return granted


async def until(attempt: Callable[[], Awaitable[Told | None]], *, timeout_s: float = PATIENCE_S) -> Told:
    """The first result that is something: events take a moment. Fails when there is none in time."""
    ends = time.monotonic() + timeout_s
    while True:
        found = await attempt()
        if found is not None:
            return found
        if time.monotonic() > ends:
            raise AssertionError(f"nothing came of {attempt} within {timeout_s} s")
        await asyncio.sleep(POLL_S)
