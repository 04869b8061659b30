"""What passes through: answers of every shape, streams as they come, failures as problems, second tries."""

import asyncio

import pytest

from services.gateway.domain.breaker import LEAST_CALLS, State
from tests.chassis.wire.origin import OK, Visit, say_ok
from tests.gateway.running import RunningGateway, bearer, get, post

pytestmark = pytest.mark.embedded

EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Piecemeal:
    """Sends pieces as the test hands them over; None ends the connection."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def __call__(self, visit: Visit) -> None:
        while piece := await self.pieces.get():
            await visit.send(piece)
        visit.hang_up()


async def test_a_chunked_answer_passes_with_its_body_intact(gateway: RunningGateway) -> None:
    async def chunked(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n" + chunk(b"one"))
        await visit.send(chunk(b"two") + b"0\r\nx-trailer: 1\r\n\r\n")

    gateway.items.answer = chunked
    client = await gateway.client()

    answers = [await client.ask(get("/api/v1/open")) for _ in range(2)]

    assert [(answer.status, answer.body) for answer in answers] == [(201, b"onetwo")] * 2
    assert answers[0].header("x-trailer") is None


async def test_a_large_answer_passes_whole(gateway: RunningGateway) -> None:
    large = bytes(range(256)) * 20_000

    async def generous(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(large) + large)

    gateway.items.answer = generous
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open"))

    assert answer.body == large


async def test_head_gets_the_head_of_the_answer_alone(gateway: RunningGateway) -> None:
    async def head_only(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" if "HEAD" in visit.line else OK)

    gateway.items.answer = head_only
    client = await gateway.client()

    head = await client.ask(get("/api/v1/open", method="HEAD"), head_only=True)
    after = await client.ask(get("/api/v1/open"))

    assert (head.status, head.header("content-length"), after.body) == (200, "1000", b"ok")


async def test_not_modified_passes_without_a_body(gateway: RunningGateway) -> None:
    async def unchanged(visit: Visit) -> None:
        known = visit.header("if-none-match") == '"1"'
        await visit.send(b'HTTP/1.1 304 Not Modified\r\netag: "1"\r\n\r\n' if known else OK)

    gateway.items.answer = unchanged
    client = await gateway.client()

    first = await client.ask(get("/api/v1/open", 'If-None-Match: "1"'))
    second = await client.ask(get("/api/v1/open"))

    assert (first.status, first.header("etag"), second.body) == (304, '"1"', b"ok")


async def test_events_arrive_as_they_are_sent_and_outlive_the_deadline(gateway: RunningGateway) -> None:
    gateway.items.answer = service = Piecemeal()
    client = await gateway.client()
    await client.send(get("/api/v1/live", "Accept: text/event-stream"))
    service.pieces.put_nowait(EVENTS)
    status, headers = await client.head()

    heard = []
    for number in range(4):
        service.pieces.put_nowait(chunk(b"data: %d\n\n" % number))
        heard.append(await asyncio.wait_for(anext(client), 1))
        await asyncio.sleep(0.2)

    assert (status, dict(headers)["content-type"]) == (200, "text/event-stream")
    assert heard == [b"data: %d\n\n" % number for number in range(4)]


async def test_a_stream_that_falls_silent_is_torn(gateway: RunningGateway) -> None:
    gateway.items.answer = service = Piecemeal()
    client = await gateway.client()
    await client.send(get("/api/v1/live"))
    service.pieces.put_nowait(EVENTS + chunk(b"data: 1\n\n"))
    await client.head()
    await anext(client)

    assert await client.closed()


async def test_a_client_that_leaves_ends_the_stream(gateway: RunningGateway) -> None:
    gateway.items.answer = service = Piecemeal()
    client = await gateway.client()
    await client.send(get("/api/v1/live"))
    service.pieces.put_nowait(EVENTS)
    await client.head()

    client.close()
    await asyncio.sleep(0.05)
    for _ in range(20):
        service.pieces.put_nowait(chunk(b"data: 1\n\n"))
    service.pieces.put_nowait(None)

    await asyncio.wait_for(gateway.items.gone.wait(), 2)


async def test_a_service_that_dies_before_its_answer_is_a_bad_gateway(gateway: RunningGateway) -> None:
    async def die(visit: Visit) -> None:
        visit.hang_up()

    gateway.items.answer = die
    client = await gateway.client()

    answer = await client.ask(post("/api/v1/open", b"x"))

    assert (answer.status, answer.code) == (502, "bad_gateway")
    assert len(gateway.items.visits) == 1


async def test_a_service_that_dies_within_its_answer_tears_it_for_the_client_too(gateway: RunningGateway) -> None:
    async def die_halfway(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
        await asyncio.sleep(0.05)
        visit.hang_up()

    gateway.items.answer = die_halfway
    client = await gateway.client()
    await client.send(get("/api/v1/open"))
    await client.head()

    assert await asyncio.wait_for(client.reader.read(), 2) in {b"half", b""}
    assert client.reader.at_eof()
    assert len(gateway.items.visits) == 1


async def test_an_answer_that_is_no_http_is_a_bad_gateway(gateway: RunningGateway) -> None:
    async def nonsense(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx")

    gateway.items.answer = nonsense
    client = await gateway.client()

    answer = await client.ask(post("/api/v1/open", b"x"))

    assert (answer.status, answer.code) == (502, "bad_gateway")


async def test_a_service_that_is_not_there_is_a_bad_gateway(gateway: RunningGateway) -> None:
    await gateway.items.stop()
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open"))

    assert (answer.status, answer.code) == (502, "bad_gateway")


async def test_a_service_that_is_late_is_a_timeout(gateway: RunningGateway) -> None:
    async def late(visit: Visit) -> None:
        await asyncio.sleep(0.6)
        await say_ok(visit)

    gateway.items.answer = late
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/hasty"))

    assert (answer.status, answer.code) == (504, "deadline")


async def test_a_read_is_tried_twice_and_a_write_once(gateway: RunningGateway) -> None:
    async def die_first(visit: Visit) -> None:
        if len(gateway.items.visits) in {1, 3}:
            visit.hang_up()
        else:
            await say_ok(visit)

    gateway.items.answer = die_first
    client = await gateway.client()

    read = await client.ask(get("/api/v1/open"))
    gateway.items.hang_up_on_all()
    await asyncio.sleep(0.05)
    written = await client.ask(post("/api/v1/open", b"x"))

    assert (read.status, written.status, len(gateway.items.visits)) == (200, 502, 3)


async def test_a_service_that_keeps_failing_is_left_alone_and_then_tried_again(gateway: RunningGateway) -> None:
    async def die(visit: Visit) -> None:
        visit.hang_up()

    gateway.items.answer = die
    client = await gateway.client()
    statuses = [(await client.ask(post("/api/v1/open", b"x"))).status for _ in range(LEAST_CALLS + 10)]
    asked = len(gateway.items.visits)

    refused = await client.ask(post("/api/v1/open", b"x"))

    assert statuses[-1] == 503
    assert (refused.code, int(refused.header("retry-after") or 0) > 0) == ("circuit_open", True)
    assert len(gateway.items.visits) == asked == LEAST_CALLS
    assert gateway.target.breaker.state is State.OPEN


async def test_a_service_that_has_too_much_to_do_is_asked_no_more(gateway: RunningGateway) -> None:
    released = asyncio.Event()

    async def wait(visit: Visit) -> None:
        await released.wait()
        await say_ok(visit)

    gateway.items.answer = wait
    gateway.target.concurrency.limit = 2.0
    clients = [await gateway.client() for _ in range(2)]
    for client in clients:
        await client.send(get("/api/v1/open"))
    await asyncio.sleep(0.05)

    started = asyncio.get_running_loop().time()
    refused = await (await gateway.client()).ask(get("/api/v1/open"))
    took = asyncio.get_running_loop().time() - started
    released.set()

    assert (refused.status, refused.code) == (503, "overloaded")
    assert took < 0.05
    assert [(await client.answer()).status for client in clients] == [200, 200]


async def test_methods_that_a_route_does_not_have_are_named(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(post("/api/v1/live", b""))
    trace, query = [await client.ask(get("/api/v1/live", method=method)) for method in ("TRACE", "QUERY")]
    options = await client.ask(get("/api/v1/live", method="OPTIONS"))

    assert [(one.status, one.header("allow")) for one in (answer, trace, query)] == [(405, "GET, HEAD, OPTIONS")] * 3
    assert (options.status, options.header("allow")) == (204, None)


async def test_a_closed_route_says_when_to_come_back(gateway: RunningGateway) -> None:
    lane = gateway.lanes.table.find(b"/api/v1/own").rows["GET"]
    lane.closed_s = 120
    client = await gateway.client()

    closed = await client.ask(get("/api/v1/own", bearer(gateway.token())))
    other = await client.ask(get("/api/v1/open"))

    assert (closed.status, closed.code, closed.header("retry-after")) == (503, "maintenance", "120")
    assert other.status == 200
