"""What is still open when its session ends: streams and WebSockets are cut, those of others go on."""

import asyncio

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from services.chassis.ids import uuid7
from services.chassis.wire.origin import Origin
from services.chassis.wire.pool import Pool
from services.contracts.auth import ResolvedApiKey
from tests.chassis.wire.origin import Visit
from tests.gateway.client import RawClient
from tests.gateway.proxy.test_carrying import EVENTS, chunk
from tests.gateway.proxy.test_websockets import dial, echo
from tests.gateway.running import RunningGateway, bearer, get

pytestmark = pytest.mark.embedded

PULSE = b"data: 1\n\n"
SOON_S = 2.0


async def endless(visit: Visit) -> None:
    await visit.send(EVENTS)
    while not visit.writer.is_closing():
        await visit.send(chunk(PULSE))
        await asyncio.sleep(0.02)


async def listening(gateway: RunningGateway, token: str) -> RawClient:
    """Has heard the first of its events."""
    client = await gateway.client()
    await client.send(get("/api/v1/live", bearer(token)))
    await client.head()
    await anext(client)
    return client


async def until_cut(client: RawClient) -> None:
    """Fails if the stream ends as if it were whole."""
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError, ValueError)):
        await asyncio.wait_for(heard_out(client), SOON_S)


async def heard_out(client: RawClient) -> int:
    return len([piece async for piece in client])


async def test_the_streams_of_a_session_end_with_it_and_those_of_others_go_on(gateway: RunningGateway) -> None:
    gateway.items.answer = endless
    session = uuid7()
    revoked = [await listening(gateway, gateway.token(session=session)) for _ in range(2)]
    other = await listening(gateway, gateway.token())

    gateway.door.revoke(session, gateway.clock() + 600)

    for client in revoked:
        await until_cut(client)
    assert [await anext(other) for _ in range(3)] == [PULSE] * 3
    assert gateway.target.concurrency.under_way == 1


async def test_the_streams_of_an_api_key_end_with_it(gateway: RunningGateway) -> None:
    gateway.items.answer = endless
    key = ResolvedApiKey(key_id=uuid7(), user_id=uuid7(), roles=frozenset({"buyer"}), scopes=frozenset())
    gateway.desk.keys["sk_one"] = key
    client = await listening(gateway, "sk_one")

    gateway.door.revoke(key.key_id, gateway.clock() + 600)

    await until_cut(client)


async def test_a_stream_that_has_ended_leaves_nothing_to_cut(gateway: RunningGateway) -> None:
    gateway.items.answer = endless
    session = uuid7()
    client = await listening(gateway, gateway.token(session=session))

    client.close()
    await asyncio.wait_for(gateway.items.gone.wait(), SOON_S)
    gateway.door.revoke(session, gateway.clock() + 600)

    assert gateway.target.concurrency.under_way == 0


async def until_closed(socket: ClientConnection) -> None:
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(socket.recv(), SOON_S)


async def test_the_websockets_of_a_session_end_with_it_and_those_of_others_go_on(stopped: RunningGateway) -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await stopped.start(carrier=Pool(Origin(host="127.0.0.1", port=port)))
        session = uuid7()
        revoked = await dial(stopped, token=stopped.token(session=session))
        other = await dial(stopped, token=stopped.token())

        stopped.door.revoke(session, stopped.clock() + 600)

        await until_closed(revoked)
        await other.send("still here")
        assert await asyncio.wait_for(other.recv(), SOON_S) == "still here"
        await other.close()


async def test_a_websocket_whose_session_ends_before_the_service_agrees_is_refused(gateway: RunningGateway) -> None:
    asked = asyncio.Event()

    async def ponder(visit: Visit) -> None:
        asked.set()
        await asyncio.sleep(SOON_S)
        visit.hang_up()

    gateway.items.answer = ponder
    session = uuid7()
    dialling = asyncio.create_task(dial(gateway, token=gateway.token(session=session)))
    await asyncio.wait_for(asked.wait(), SOON_S)

    gateway.door.revoke(session, gateway.clock() + 600)

    with pytest.raises(InvalidStatus) as refused:
        await asyncio.wait_for(dialling, SOON_S)
    assert refused.value.response.status_code == 401
