"""A service's ASGI application as a carrier: the same calls, in this process and on this loop, without sockets.

As with a server of its own, an abandoned call is not cancelled: the application learns `http.disconnect` and ends as
it sees fit.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import unquote

from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message
from litestar.types.asgi_types import HTTPDisconnectEvent, HTTPRequestEvent

from services.chassis.wire.carrier import Answer, Flight, Patience
from services.chassis.wire.port import Call, UpstreamError
from services.chassis.wire.transport import connect


def to_scope(call: Call) -> HTTPScope:
    """The HTTP scope of a call, as a server would make it."""
    path, _, query = call.target.partition("?")
    return {  # type: ignore[typeddict-item] # Litestar adds the keys of its own.
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": _with_length(call),
        "client": None,
        "server": None,
        "state": {},
    }


def _with_length(call: Call) -> list[tuple[bytes, bytes]]:
    headers = [(b"host", b"in-process"), *call.headers]
    if call.body:
        headers.append((b"content-length", b"%d" % len(call.body)))
    return headers


class AsgiFlight:
    """One call into the application."""

    def __init__(self, call: Call, answer: Answer, patience: Patience) -> None:
        self._call = call
        self._answer: Answer | None = answer
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + patience.total_s
        self._timer = self._loop.call_later(patience.head_s, self._expire)
        self._begun = False
        self._body_read = False
        self._gone = asyncio.Event()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def run(self, app: ASGIApp) -> None:
        """Let the application answer; what it raises before its answer is whole reaches the listener as a failure."""
        try:
            await app(to_scope(self._call), self._receive, self._send)
        finally:
            self._fail("the application did not complete its answer")

    def hold(self) -> None:
        """See `Flight`."""
        self._flowing.clear()

    def resume(self) -> None:
        """See `Flight`."""
        self._flowing.set()

    def abort(self) -> None:
        """See `Flight`."""
        self._leave()

    async def _receive(self) -> HTTPReceiveMessage:
        if not self._body_read:
            self._body_read = True
            return HTTPRequestEvent(type="http.request", body=self._call.body, more_body=False)
        await self._gone.wait()
        return HTTPDisconnectEvent(type="http.disconnect")

    async def _send(self, message: Message) -> None:
        await self._flowing.wait()
        answer = self._answer
        if answer is None:
            return
        if message["type"] == "http.response.start":
            self._begun = True
            answer.head(message["status"], [(name.lower(), value) for name, value in message["headers"]])
        elif message["type"] == "http.response.body":
            self._tell(answer, message["body"], more=message["more_body"])

    def _tell(self, answer: Answer, body: bytes, *, more: bool) -> None:
        if body and self._call.method != "HEAD":
            answer.piece(body)
        if more:
            answer.pause()
            self._set_timer()
        else:
            self._leave()
            answer.end()

    def _set_timer(self) -> None:
        self._timer.cancel()
        delay = min(self._patience.idle_s, self._deadline - self._loop.time())
        self._timer = self._loop.call_later(delay, self._expire)

    def _leave(self) -> None:
        self._answer = None
        self._timer.cancel()
        self._gone.set()
        self._flowing.set()

    def _expire(self) -> None:
        self._fail("the answer did not come in time", timed_out=True)

    def _fail(self, reason: str, *, timed_out: bool = False) -> None:
        answer = self._answer
        self._leave()
        if answer is not None:
            answer.fail(UpstreamError(reason, sent=True, timed_out=timed_out))


class AsgiCarrier:
    """Calls an application whose lifespan somebody else keeps."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        drain_s: float = 20.0,
        websockets: Callable[[ASGIApp], asyncio.Protocol] | None = None,
    ) -> None:
        self._app = app
        self._drain_s = drain_s
        self._websockets = websockets
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, call: Call, answer: Answer, patience: Patience) -> Flight:
        """See `Carrier`."""
        flight = AsgiFlight(call, answer, patience)
        task = asyncio.get_running_loop().create_task(flight.run(self._app))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return flight

    async def dial(self, end: asyncio.Protocol) -> None:
        """See `Carrier`. The other end is the server side of a WebSocket in this process."""
        if self._websockets is None:
            raise OSError("this application takes no WebSockets")
        connect(end, self._websockets(self._app))

    async def close(self) -> None:
        """Wait for the calls under way, and cancel those that outstay `drain_s`."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=self._drain_s)
        for task in late:
            task.cancel()
