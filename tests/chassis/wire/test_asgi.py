import asyncio

import pytest
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from services.chassis.wire.asgi import AsgiCarrier
from services.chassis.wire.carrier import Patience
from services.chassis.wire.port import Call, Headers, UpstreamError
from services.chassis.wire.transport import connect
from services.chassis.wire.upstream import AsgiUpstream

HASTE = Patience(head_s=0.1, idle_s=0.1)


class Heard:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.over = asyncio.Event()

    def head(self, status: int, headers: Headers) -> None:
        self.told.append(f"head {status} {dict(headers)}")

    def piece(self, body: bytes) -> None:
        self.told.append(f"piece {body.decode()}")

    def pause(self) -> None:
        self.told.append("pause")

    def end(self) -> None:
        self.told.append("end")
        self.over.set()

    def fail(self, error: UpstreamError) -> None:
        self.told.append(f"fail timed_out={error.timed_out}")
        self.over.set()


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    assert scope["type"] == ScopeType.HTTP
    assert message["type"] == "http.request"
    told = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} ".encode()
    await send({"type": "http.response.start", "status": 201, "headers": [(b"X-Told", b"1")]})
    body: bytes = told + message["body"]
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def test_the_application_sees_what_a_server_would_show_it() -> None:
    call = Call(method="PUT", target="/a%20b?c=d", headers=(), body=b"body")

    reply = await AsgiUpstream(echo).call(call, timeout_s=1)

    assert (reply.status, reply.body) == (201, b"PUT /a b c=d body")
    assert reply.headers == [(b"x-told", b"1")]


async def test_pieces_arrive_while_the_answer_is_still_coming() -> None:
    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for word in (b"one", b"two"):
            await send({"type": "http.response.body", "body": word, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    heard = Heard()
    AsgiCarrier(stream).send(Call(method="GET", target="/", headers=()), heard, HASTE)
    await heard.over.wait()

    assert heard.told == ["head 200 {}", "piece one", "pause", "piece two", "pause", "end"]


async def test_an_application_that_is_held_waits() -> None:
    sent: list[bytes] = []

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for word in (b"one", b"two"):
            await send({"type": "http.response.body", "body": word, "more_body": word == b"one"})
            sent.append(word)

    heard = Heard()
    flight = AsgiCarrier(stream).send(Call(method="GET", target="/", headers=()), heard, HASTE)
    flight.hold()
    await asyncio.sleep(0.01)
    before = list(sent)
    flight.resume()
    await heard.over.wait()

    assert before == []
    assert heard.told[-1] == "end"


async def test_an_abandoned_application_learns_that_the_client_is_gone() -> None:
    learnt: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def wait(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        learnt.set_result((await receive())["type"])

    heard = Heard()
    flight = AsgiCarrier(wait).send(Call(method="GET", target="/", headers=()), heard, HASTE)
    await asyncio.sleep(0)
    flight.abort()

    assert await learnt == "http.disconnect"
    assert heard.told == []


async def test_an_answer_that_does_not_come_in_time_is_given_up() -> None:
    async def sleep(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(0.3)

    carrier = AsgiCarrier(sleep)
    heard = Heard()
    carrier.send(Call(method="GET", target="/", headers=()), heard, HASTE)
    await heard.over.wait()
    await carrier.close()

    assert heard.told == ["fail timed_out=True"]


async def test_an_application_that_ends_without_an_answer_has_failed() -> None:
    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        return

    with pytest.raises(UpstreamError, match="did not complete"):
        await AsgiUpstream(nothing).call(Call(method="GET", target="/", headers=()), timeout_s=1)


class End(asyncio.Protocol):
    """One end of a connection in memory."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.lost = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc is None


async def test_a_connection_in_memory_carries_both_ways_in_order_until_either_end_closes() -> None:
    one, other = End(), End()
    connect(one, other)

    one.transport.write(b"1")
    one.transport.write(b"2")
    other.transport.write(b"3")
    other.transport.close()
    await asyncio.sleep(0.01)

    assert (other.received, one.received) == ([b"1", b"2"], [b"3"])
    assert one.lost
    assert other.lost


async def test_a_reader_that_paused_in_memory_gets_everything_later() -> None:
    one, other = End(), End()
    connect(one, other)

    other.transport.pause_reading()
    one.transport.write(b"1")
    await asyncio.sleep(0.01)
    before = list(other.received)
    other.transport.resume_reading()
    await asyncio.sleep(0.01)

    assert (before, other.received) == ([], [b"1"])
