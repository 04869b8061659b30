"""Whatever bytes come, in whatever pieces: answers are HTTP, nothing raises, nothing stays behind."""

import asyncio
from pathlib import Path

import httptools
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.wire.asgi import AsgiCarrier
from services.gateway.proxy.connection import ClientConnection
from services.gateway.proxy.listening import Bounds, Listening
from tests.chassis.wire.origin import FakeOrigin
from tests.gateway.running import RunningGateway, bearer, get, post
from tests.gateway.services import Scripted

WHOLE = (
    get("/api/v1/open"),
    get("/api/v1/own", bearer("a.b.c")),
    get("/api/v1/shelf/7", "If-None-Match: *", method="HEAD"),
    post("/api/v1/open", b"hello"),
    post("/api/v1/open", b"5\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    get("/api/v1/chat", "Connection: Upgrade", "Upgrade: websocket"),
    get("/api/v1/open", "Expect: 100-continue", "Content-Length: 3", method="PUT") + b"abc",
)
SPLICES = (
    b"\r\n",
    b"\n",
    b"\x00",
    b" ",
    b":",
    b"Content-Length: 9\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"..",
    b"%2f",
)


class Pipe(asyncio.Transport):
    """Takes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed, "written after the end"
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def write_eof(self) -> None: ...

    def can_write_eof(self) -> bool:
        return True

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 1) if name == "peername" else default


class Statuses:
    """Reads answers strictly."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.found: list[int] = []

    def on_headers_complete(self) -> None:
        self.found.append(self.parser.get_status_code())


@st.composite
def pieces(draw: st.DrawFn) -> list[bytes]:
    """Requests, some of them damaged, cut anywhere."""
    data = b"".join(draw(st.lists(st.sampled_from(WHOLE), min_size=1, max_size=4)))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 6))
        data = data[:place] + draw(st.sampled_from(SPLICES) | st.binary(max_size=4)) + data[place + cut :]
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if start < end]


@pytest.mark.embedded
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=pieces())
def test_no_bytes_break_the_gateway(sent: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    asyncio.run(_send(sent, tmp_path_factory.mktemp("keys")))


async def _send(sent: list[bytes], folder: Path) -> None:
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, fault: faults.append(fault))
    running = RunningGateway(folder, FakeOrigin())
    told = {"/api/v1/open": {}, "/api/v1/shelf/7": {"id": 7}}
    await running.start(carrier=AsgiCarrier(Scripted(**told)))
    listening = Listening(running.gate, Bounds())
    connection, pipe = ClientConnection(listening), Pipe()
    connection.connection_made(pipe)

    for piece in sent:
        if not pipe.closed:
            connection.data_received(piece)
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    connection.connection_lost(None)
    await asyncio.sleep(0)
    await running.stop()

    assert faults == []
    assert (listening.buffered, running.target.concurrency.under_way) == (0, 0)
    assert (running.gate.reading.followers, listening.connections) == ({}, set())
    if b"HEAD" not in b"".join(sent):
        statuses = Statuses()
        statuses.parser.feed_data(pipe.written)
        assert all(status < 500 or status in {501, 502, 503, 505} for status in statuses.found)
