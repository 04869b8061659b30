"""The outermost layer of a service's ASGI application: who asks, for how long, and how it went.

It believes `X-Souk-Identity` alone, reads bodies whole within a bound, gives up at the caller's deadline, and measures.
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPDisconnectEvent, HTTPRequestEvent
from prometheus_client import Histogram

from services.chassis.errors import Malformed, SoukError
from services.chassis.http.problems import PROBLEM_JSON, problem, render
from services.chassis.identity.checking import IdentityCheck, require_body
from services.chassis.telemetry.context import Served, begin, served
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces

BODY_BYTES_MOST = 10_000_000
TIMEOUT_DEFAULT_S = 30.0
OUTSIDE = ("/health/", "/.well-known/", "/openapi.json")
"""Paths that need no identity."""

_Headers = Mapping[bytes, bytes]
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class BodyTooLarge(Exception):
    """More than `BODY_BYTES_MOST`."""


class Entrance:
    """Wraps one service's application."""

    def __init__(
        self, app: ASGIApp, *, service: str, identities: IdentityCheck, metrics: Metrics, traces: Traces
    ) -> None:
        self._app = app
        self._service = service
        self._identities = identities
        self._requests = metrics.requests
        self._timings: dict[tuple[str, str, int], Histogram] = {}
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == ScopeType.HTTP:
            await self._enter(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _enter(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        came_with = begin(
            request_id=_text(headers, b"x-request-id"),
            traceparent=_text(headers, b"traceparent"),
            identity=_text(headers, b"x-souk-identity"),
        )
        if not self._traces.on:
            await self._time(scope, receive, send, headers, came_with)
            return
        with self._traces.span(f"{scope['method']} {self._service}", came_with) as now:
            await self._time(scope, receive, send, headers, now)

    async def _time(self, scope: HTTPScope, receive: Receive, send: Send, headers: _Headers, now: Served) -> None:
        started = time.perf_counter()
        watched = _Watched(send)
        token = served.set(now)
        try:
            await self._serve(scope, receive, watched, headers)
        finally:
            served.reset(token)
            self._count(scope, watched.status, time.perf_counter() - started)

    async def _serve(self, scope: HTTPScope, receive: Receive, send: "_Watched", headers: _Headers) -> None:
        try:
            async with asyncio.timeout(_seconds_left(headers)):
                receive = await self._admit(scope, receive, headers)
                await self._app(scope, receive, send)
        except SoukError as refused:
            await _answer(send, *render(refused))
        except BodyTooLarge:
            await _answer(send, 413, problem(413, "too_large", "Request too large", "the body is over 10 MB"), {})
        except TimeoutError:
            if send.status == 0:
                late = problem(504, "deadline", "Deadline passed", "no answer within the deadline")
                await _answer(send, 504, late, {})

    async def _admit(self, scope: HTTPScope, receive: Receive, headers: _Headers) -> Receive:
        if b"%" in scope["query_string"]:
            _require_text(scope["query_string"])
        token = headers.get(b"x-souk-identity")
        if token is None or scope["path"].startswith(OUTSIDE):
            scope["auth"] = None
            return receive
        claims = await self._identities(token.decode("latin-1"))
        scope["auth"] = claims
        if scope["method"] in BODILESS or not _has_body(headers):
            return receive
        body = await _read(receive)
        if body:
            require_body(claims, base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode())
        return _replay(body, receive)

    def _count(self, scope: HTTPScope, status: int, seconds: float) -> None:
        route = str(scope.get("path_template", "-"))
        told = (scope["method"], route, status)
        timing = self._timings.get(told)
        if timing is None:  # To find it by its labels would take a lock and as long as all else here.
            timing = self._timings[told] = self._requests.labels(self._service, *told)
        timing.observe(seconds)


class _Watched:
    """`send` that remembers the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def _require_text(query: bytes) -> None:
    plain = unquote_to_bytes(query)
    if b"\0" in plain:
        raise Malformed("the query holds a NUL character, which no text here may")
    try:
        plain.decode()
    except UnicodeDecodeError as broken:
        raise Malformed("the query is not UTF-8") from broken


def _text(headers: _Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _has_body(headers: _Headers) -> bool:
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _seconds_left(headers: _Headers) -> float:
    raw = headers.get(b"x-souk-timeout-ms")
    if raw is None:
        return TIMEOUT_DEFAULT_S
    if not raw.isdigit():
        raise Malformed("X-Souk-Timeout-Ms is not a number")
    return min(int(raw) / 1000, TIMEOUT_DEFAULT_S)


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        chunks.append(message["body"])
        size += len(message["body"])
        if size > BODY_BYTES_MOST:
            raise BodyTooLarge
        if not message["more_body"]:
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [body]

    async def replayed() -> HTTPReceiveMessage:
        if pending:
            return HTTPRequestEvent(type="http.request", body=pending.pop(), more_body=False)
        await receive()  # The body is here whole: all that can follow is the end.
        return HTTPDisconnectEvent(type="http.disconnect")

    return replayed


async def _answer(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    fields = {"content-type": PROBLEM_JSON, "content-length": str(len(body)), **headers}
    encoded = [(name.encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
