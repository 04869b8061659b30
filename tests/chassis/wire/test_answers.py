import asyncio

import pytest

from services.chassis.wire.port import Call, UpstreamError
from services.chassis.wire.upstream import TcpUpstream
from tests.chassis.wire.origin import OK, FakeOrigin, Visit

pytestmark = pytest.mark.embedded

GET = Call(method="GET", target="/", headers=())
HEAD = Call(method="HEAD", target="/", headers=())


def tell(*pieces: bytes, close: bool = False, pause_s: float = 0.02) -> "Telling":
    return Telling(pieces, close=close, pause_s=pause_s)


class Telling:
    """Sends these pieces one after the other."""

    def __init__(self, pieces: tuple[bytes, ...], *, close: bool, pause_s: float) -> None:
        self._pieces = pieces
        self._close = close
        self._pause_s = pause_s

    async def __call__(self, visit: Visit) -> None:
        for piece in self._pieces:
            await visit.send(piece)
            await asyncio.sleep(self._pause_s)
        if self._close:
            visit.hang_up()


async def test_a_chunked_answer_is_joined(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    origin.answer = tell(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"2;ext=1\r\nde\r\n0\r\nx-trailer: 1\r\n\r\n",
    )

    replies = [await upstream.call(GET, timeout_s=2) for _ in range(2)]

    assert [reply.body for reply in replies] == [b"abcde", b"abcde"]
    assert origin.connections == 1
    assert all(name != b"x-trailer" for name, _ in replies[1].headers)


async def test_an_answer_without_length_ends_with_its_connection(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    origin.answer = tell(b"HTTP/1.1 200 OK\r\n\r\nabc", b"def", close=True)

    reply = await upstream.call(GET, timeout_s=2)

    assert reply.body == b"abcdef"


async def test_an_answer_to_head_has_no_body_whatever_its_length_says(
    origin: FakeOrigin, upstream: TcpUpstream
) -> None:
    origin.answer = tell(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")

    first = await upstream.call(HEAD, timeout_s=2)
    second = await upstream.call(HEAD, timeout_s=2)

    assert (first.status, first.body, second.status) == (200, b"", 200)
    assert origin.connections == 1


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_an_answer_that_may_have_no_body_has_none(
    origin: FakeOrigin, upstream: TcpUpstream, status: bytes
) -> None:
    origin.answer = tell(b"HTTP/1.1 " + status + b'\r\netag: "1"\r\n\r\n')

    await upstream.call(GET, timeout_s=2)
    reply = await upstream.call(GET, timeout_s=2)

    assert reply.body == b""
    assert origin.connections == 1


async def test_interim_answers_are_passed_over(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    origin.answer = tell(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK)

    reply = await upstream.call(GET, timeout_s=2)

    assert (reply.status, reply.body) == (200, b"ok")
    assert all(name != b"link" for name, _ in reply.headers)


async def test_an_answer_torn_off_is_a_failure(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    origin.answer = tell(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", close=True)

    with pytest.raises(UpstreamError) as torn:
        await upstream.call(GET, timeout_s=2)

    assert torn.value.sent
    assert len(origin.visits) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nbad name: 1\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        b"garbage\r\n\r\n",
    ],
)
async def test_an_answer_that_is_not_plain_http_is_refused(
    origin: FakeOrigin, upstream: TcpUpstream, answer: bytes
) -> None:
    origin.answer = tell(answer)

    with pytest.raises(UpstreamError):
        await upstream.call(GET, timeout_s=2)


async def test_bytes_after_an_answer_are_not_the_answer_to_the_next_call(
    origin: FakeOrigin, upstream: TcpUpstream
) -> None:
    planted = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nplanted"
    origin.answer = tell(OK + planted, pause_s=0)

    await upstream.call(GET, timeout_s=2)
    origin.answer = tell(OK, pause_s=0)
    reply = await upstream.call(GET, timeout_s=2)

    assert reply.body == b"ok"
    assert origin.connections == 2


async def test_an_answer_larger_than_allowed_is_given_up(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    origin.answer = tell(b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n" + b"x" * 4000)

    with pytest.raises(UpstreamError, match="larger"):
        await upstream.call(GET, timeout_s=2, max_bytes=1000)


@pytest.mark.parametrize("target", ["/a b", "/a\r\nx: y", "http://elsewhere/", "*", "/ü"])
async def test_a_target_that_could_break_the_request_line_is_not_sent(
    origin: FakeOrigin, upstream: TcpUpstream, target: str
) -> None:
    with pytest.raises(ValueError, match="request target"):
        await upstream.call(Call(method="GET", target=target, headers=()), timeout_s=2)

    assert origin.visits == []


@pytest.mark.parametrize("header", [(b"x-a", b"1\r\nx-b: 2"), (b"x a", b"1"), (b"x:", b"1"), (b"x-a", b"\x00")])
async def test_a_header_that_could_break_its_line_is_not_sent(
    origin: FakeOrigin, upstream: TcpUpstream, header: tuple[bytes, bytes]
) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        await upstream.call(Call(method="GET", target="/", headers=(header,)), timeout_s=2)

    assert origin.visits == []
