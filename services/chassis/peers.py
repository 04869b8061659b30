"""Asking another service at once: through the gateway's internal listener, signed by this service.

Every internal operation is idempotent by contract (it names what it does by an id of the caller's), so a call that
got no answer is sent once more, as long as such calls stay a small part of all.
"""

import asyncio
import base64
import hashlib
from typing import TypeVar

import msgspec
from msgspec import Struct

from services.chassis.clock import Clock
from services.chassis.errors import Unavailable
from services.chassis.identity.keys import KeyRing
from services.chassis.identity.tokens import CALLER_TTL_S, INTERNAL_AUDIENCE, CallerClaims, sign
from services.chassis.ids import Ids
from services.chassis.telemetry.context import served
from services.chassis.wire.port import Call, Reply, Upstream, UpstreamError

Answer = TypeVar("Answer", bound=Struct)

TIMEOUT_S = 5.0
RETRY_SHARE = 0.1
RETRIES_SAVED_MOST = 10.0
RETRY_PAUSE_S = 0.05
_TRY_AGAIN = frozenset({502, 503, 504})


class PeerRefused(Exception):
    """The other service said no. `code` is its problem code, `facts` its whole problem document."""

    def __init__(self, status: int, code: str, detail: str, facts: dict[str, object]) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.facts = facts


class PeerSilent(Unavailable):
    """No usable answer; whether it was done is not known."""

    code = "peer_silent"
    title = "A service does not answer"


class Peers:
    """What this service may ask of others."""

    def __init__(self, gateway: Upstream, *, service: str, keys: KeyRing, clock: Clock, ids: Ids) -> None:
        self._gateway = gateway
        self._service = service
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._retries_saved = RETRIES_SAVED_MOST

    async def ask(
        self, method: str, target: str, body: Struct | None, answer: type[Answer], *, timeout_s: float = TIMEOUT_S
    ) -> Answer:
        """`target` is `/internal/v1/…`. Raises `PeerRefused` for a 4xx, `PeerSilent` when there is no answer."""
        encoded = b"" if body is None else msgspec.json.encode(body)
        self._retries_saved = min(RETRIES_SAVED_MOST, self._retries_saved + RETRY_SHARE)
        reply = await self._send(method, target, encoded, timeout_s)
        if reply is None and self._retries_saved >= 1:
            self._retries_saved -= 1
            await asyncio.sleep(RETRY_PAUSE_S)
            reply = await self._send(method, target, encoded, timeout_s)
        if reply is None:
            raise PeerSilent(f"{method} {target} got no answer")
        return _read(reply, answer)

    async def _send(self, method: str, target: str, body: bytes, timeout_s: float) -> Reply | None:
        call = Call(method=method, target=target, headers=self._headers(method, target, body, timeout_s), body=body)
        try:
            reply = await self._gateway.call(call, timeout_s=timeout_s)
        except UpstreamError:
            return None
        return None if reply.status in _TRY_AGAIN else reply

    def _headers(self, method: str, target: str, body: bytes, timeout_s: float) -> list[tuple[bytes, bytes]]:
        now = served.get()
        headers = [
            (b"authorization", b"Bearer " + self._token(method, target, body).encode()),
            (b"x-souk-timeout-ms", str(int(timeout_s * 1000)).encode()),
            (b"x-request-id", now.request_id.encode()),
            (b"accept", b"application/json"),
        ]
        if now.traceparent:
            headers.append((b"traceparent", now.traceparent.encode()))
        if body:
            headers.append((b"content-type", b"application/json"))
        return headers

    def _token(self, method: str, target: str, body: bytes) -> str:
        now = int(self._clock().timestamp())
        claims = CallerClaims(
            iss=self._service,
            aud=INTERNAL_AUDIENCE,
            iat=now,
            exp=now + CALLER_TTL_S,
            jti=self._ids(),
            target=f"{method} {target}",
            body=base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode() if body else None,
            on_behalf=served.get().identity,
        )
        return sign(claims, self._keys.signing())


def _read(reply: Reply, answer: type[Answer]) -> Answer:
    if 200 <= reply.status < 300:  # noqa: PLR2004 - the HTTP class of success.
        return msgspec.json.decode(reply.body, type=answer)
    try:
        facts = msgspec.json.decode(reply.body, type=dict[str, object])
    except msgspec.DecodeError as unreadable:
        raise PeerSilent(f"an answer of status {reply.status} cannot be read") from unreadable
    raise PeerRefused(reply.status, str(facts.get("code")), str(facts.get("detail")), facts)
