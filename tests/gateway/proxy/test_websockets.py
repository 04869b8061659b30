"""WebSockets through the gateway: to a service over TCP, and to an application in this process."""

import asyncio

import pytest
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from services.chassis.wire.origin import Origin
from services.chassis.wire.pool import Pool
from services.launch.embedded import in_process
from tests.chassis.wire.origin import Visit
from tests.gateway.running import RunningGateway, bearer, get

pytestmark = pytest.mark.embedded

HANDSHAKE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def echo_app(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == ScopeType.WEBSOCKET
    identity = dict(scope["headers"]).get(b"x-souk-identity", b"")
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": [(b"x-known", b"%d" % bool(identity))]})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"], "bytes": None})


async def dial(
    gateway: RunningGateway, *, subprotocols: list[str] | None = None, token: str | None = None
) -> ClientConnection:
    client = await gateway.client()
    port = client.writer.get_extra_info("peername")[1]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    offered = None if subprotocols is None else [Subprotocol(name) for name in subprotocols]
    url = f"ws://127.0.0.1:{port}/api/v1/chat"
    return await connect(url, additional_headers=headers, subprotocols=offered, proxy=None)


async def test_messages_pass_both_ways_to_a_service(stopped: RunningGateway) -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await stopped.start(carrier=Pool(Origin(host="127.0.0.1", port=port)))
        socket = await dial(stopped, token=stopped.token())

        for message in ("hello", "x" * 200_000):
            await socket.send(message)
            assert await asyncio.wait_for(socket.recv(), 2) == message
        await socket.close()

        assert socket.close_code == 1000


async def test_messages_pass_both_ways_to_an_application_in_this_process(stopped: RunningGateway) -> None:
    await stopped.start(carrier=in_process(echo_app))
    socket = await dial(stopped, token=stopped.token())

    await socket.send("hello")
    told = await asyncio.wait_for(socket.recv(), 2)
    await socket.close()

    assert told == "hello"
    assert socket.response is not None
    assert socket.response.headers["x-known"] == "1"


async def test_a_browser_may_bring_its_token_as_a_subprotocol_which_goes_no_further(stopped: RunningGateway) -> None:
    offered: list[str] = []

    async def note(connection: ServerConnection) -> None:
        if connection.request is not None:
            offered.append(connection.request.headers["Sec-WebSocket-Protocol"])
        await echo(connection)

    async with serve(note, "127.0.0.1", 0, subprotocols=[Subprotocol("souk.v1")]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await stopped.start(carrier=Pool(Origin(host="127.0.0.1", port=port)))
        socket = await dial(stopped, subprotocols=[f"bearer.{stopped.token()}", "souk.v1"])
        await socket.send("hello")
        await socket.recv()
        await socket.close()

    assert (offered, socket.subprotocol) == (["souk.v1"], "souk.v1")


async def test_strangers_get_no_websocket(gateway: RunningGateway) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(gateway)

    assert refused.value.response.status_code == 401
    assert gateway.items.visits == []


async def test_a_service_may_refuse_and_its_answer_is_told(gateway: RunningGateway) -> None:
    async def refuse(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno")

    gateway.items.answer = refuse
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/chat", *HANDSHAKE, bearer(gateway.token())))
    after = await client.ask(get("/api/v1/open"))

    assert (answer.status, answer.body, after.status) == (403, b"no", 403)


async def test_bytes_sent_before_the_service_agreed_never_reach_it(gateway: RunningGateway) -> None:
    agreed = asyncio.Event()

    async def wait(visit: Visit) -> None:
        await agreed.wait()
        await visit.send(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    gateway.items.answer = wait
    client = await gateway.client()
    await client.send(get("/api/v1/chat", *HANDSHAKE, bearer(gateway.token())) + get("/api/v1/own", "X-Planted: 1"))
    await asyncio.sleep(0.05)

    agreed.set()
    first, second = await client.answer(), await client.answer()

    assert (first.status, second.status) == (403, 401)
    assert len(gateway.items.visits) == 1


async def test_a_service_that_hangs_up_instead_is_a_bad_gateway(gateway: RunningGateway) -> None:
    async def hang_up(visit: Visit) -> None:
        visit.hang_up()

    gateway.items.answer = hang_up
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/chat", *HANDSHAKE, bearer(gateway.token())))

    assert (answer.status, answer.code) == (502, "bad_gateway")


async def test_when_the_client_goes_the_service_learns_it(stopped: RunningGateway) -> None:
    gone = asyncio.Event()

    async def until_gone(connection: ServerConnection) -> None:
        await connection.wait_closed()
        gone.set()

    async with serve(until_gone, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await stopped.start(carrier=Pool(Origin(host="127.0.0.1", port=port)))
        socket = await dial(stopped, token=stopped.token())

        socket.transport.abort()

        await asyncio.wait_for(gone.wait(), 2)


async def test_where_the_route_takes_no_websocket_it_is_an_ordinary_read(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open", *HANDSHAKE))

    assert (answer.status, answer.body) == (200, b"ok")
    assert gateway.items.visits[0].header("upgrade") is None


async def test_a_client_that_leaves_while_the_service_is_dialled_leaves_nothing_behind(
    stopped: RunningGateway,
) -> None:
    class Unreachable(Pool):
        async def dial(self, end: asyncio.Protocol) -> None:
            await asyncio.sleep(5)
            await super().dial(end)

    await stopped.start(carrier=Unreachable(stopped.items.origin))
    client = await stopped.client()
    await client.send(get("/api/v1/chat", *HANDSHAKE, bearer(stopped.token())))
    await asyncio.sleep(0.05)

    client.close()
    await asyncio.sleep(0.1)
    other = await (await stopped.client()).ask(get("/api/v1/open"))

    assert other.status == 200
    assert [visit.line for visit in stopped.items.visits] == ["GET /api/v1/open HTTP/1.1"]
