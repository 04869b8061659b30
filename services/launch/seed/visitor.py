"""Someone at the gateway: asks over HTTP what anybody could ask, and logs in if they have an account."""

from typing import TypeVar
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from services.chassis.wire.port import Call, Reply, Upstream

Answer = TypeVar("Answer")
TIMEOUT_S = 30.0
KEYS = UUID("6f1c2c0e-5a0e-5d63-9d3e-3a1c6b8f7a10")


class UnexpectedReply(Exception):
    """The shop refused what the demonstration takes for granted."""


class Tokens(Struct, frozen=True, kw_only=True):
    """What log-in answers, as far as it is used here."""

    access_token: str


class Visitor:
    """One person's way to the shop; `name` makes their idempotency keys repeatable."""

    def __init__(self, gateway: Upstream, *, name: str) -> None:
        self._gateway = gateway
        self._name = name
        self._token: str | None = None
        self._asked = 0

    def show(self, token: str) -> None:
        """From now on, ask with this token or key."""
        self._token = token

    async def log_in(self, email: str, password: str) -> None:
        """From now on, ask as this user."""
        self._token = None
        credentials = {"email": email, "password": password}
        self.show((await self.ask("POST", "/api/v1/auth/login", Tokens, credentials)).access_token)

    async def ask(self, method: str, path: str, answer: type[Answer], body: object = None) -> Answer:
        """The reply as `answer`. Raises `UnexpectedReply` for a refusal."""
        reply = await self.send(method, path, b"" if body is None else msgspec.json.encode(body))
        if not 200 <= reply.status < 300:  # noqa: PLR2004 - the HTTP class of success.
            raise UnexpectedReply(f"{self._name}: {method} {path}: {reply.status} {reply.body.decode()}")
        return msgspec.json.decode(reply.body or b"null", type=answer)

    async def do(self, method: str, path: str, body: object = None) -> None:
        """Ask for something whose answer does not matter. Raises `UnexpectedReply`."""
        await self.ask(method, path, object, body)

    async def send(self, method: str, path: str, body: bytes = b"", *, media_type: str = "application/json") -> Reply:
        """Whatever the shop replies."""
        self._asked += 1
        headers = [(b"accept", b"application/json"), (b"user-agent", b"souk-seed")]
        if body:
            headers.append((b"content-type", media_type.encode()))
        if method != "GET":
            headers.append((b"idempotency-key", str(uuid5(KEYS, f"{self._name}/{self._asked}")).encode()))
        if self._token is not None:
            headers.append((b"authorization", f"Bearer {self._token}".encode()))
        return await self._gateway.call(
            Call(method=method, target=path, headers=headers, body=body), timeout_s=TIMEOUT_S
        )
