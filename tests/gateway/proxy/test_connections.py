"""A client's connection: its reuse, its bounds in size and time, its end."""

import asyncio

import pytest

from services.gateway.proxy.listening import Bounds
from tests.chassis.wire.origin import Visit, say_ok
from tests.gateway.running import RunningGateway, bearer, get, post

pytestmark = pytest.mark.embedded

HASTY = Bounds(head_s=0.3, body_idle_s=0.3, body_s=0.6, keep_alive_s=0.3, write_stall_s=0.3)


async def told_line(visit: Visit) -> None:
    body = visit.line.encode()
    await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))


async def test_a_connection_serves_request_after_request(gateway: RunningGateway) -> None:
    client = await gateway.client()

    statuses = [(await client.ask(get("/api/v1/open"))).status for _ in range(5)]

    assert statuses == [200] * 5
    assert gateway.items.connections == 1


async def test_requests_sent_ahead_are_answered_in_their_order(gateway: RunningGateway) -> None:
    async def slower_first(visit: Visit) -> None:
        await asyncio.sleep(0.1 if "/1" in visit.line else 0)
        await told_line(visit)

    gateway.items.answer = slower_first
    client = await gateway.client()

    await client.send(b"".join(get(f"/api/v1/open/{n}") for n in range(1, 4)) + post("/api/v1/open/4", b"x"))
    answers = [await client.answer() for _ in range(4)]

    assert [answer.body.decode().split(" ")[1][-1] for answer in answers] == ["1", "2", "3", "4"]


async def test_refusals_and_answers_sent_ahead_keep_their_order_too(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.send(get("/api/v1/open") + get("/api/v1/own") + get("/nowhere") + get("/api/v1/open"))

    assert [(await client.answer()).status for _ in range(4)] == [200, 401, 404, 200]


async def test_nonsense_behind_a_request_is_refused_after_its_answer(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.send(get("/api/v1/open") + b"nonsense\r\n\r\n")

    assert [(await client.answer()).status for _ in range(2)] == [200, 400]
    assert await client.closed()


async def test_too_many_requests_ahead_are_refused(stopped: RunningGateway) -> None:
    await stopped.start(bounds=Bounds(pipelined=3))
    client = await stopped.client()

    await client.send(get("/api/v1/open") * 10)
    answers = [await client.answer() for _ in range(5)]

    assert [answer.status for answer in answers] == [200, 200, 200, 200, 400]
    assert await client.closed()


async def test_a_client_that_says_close_is_obeyed(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open", "Connection: close"))

    assert answer.header("connection") == "close"
    assert await client.closed()


async def test_an_old_client_gets_no_chunks_and_the_end_of_the_connection(gateway: RunningGateway) -> None:
    async def chunked(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")

    gateway.items.answer = chunked
    client = await gateway.client()

    answer = await client.ask(b"GET /api/v1/open HTTP/1.0\r\n\r\n")

    assert (answer.header("transfer-encoding"), answer.header("connection"), answer.body) == (None, "close", b"ok")


async def test_a_head_that_never_ends_is_given_up(stopped: RunningGateway) -> None:
    await stopped.start(bounds=HASTY)
    client = await stopped.client()
    await client.send(b"GET /api/v1/open HTTP/1.1\r\nHost: souk\r\n")

    async def drip() -> None:
        for number in range(100):
            client.writer.write(b"X-%d: 1\r\n" % number)
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    answer = await client.answer()
    dripping.cancel()

    assert (answer.status, answer.code) == (408, "too_slow")
    assert await client.closed()


async def test_a_body_that_never_ends_is_given_up(stopped: RunningGateway) -> None:
    await stopped.start(bounds=HASTY)
    client = await stopped.client()

    await client.send(get("/api/v1/open", "Content-Length: 100", method="POST"))
    for _ in range(20):
        client.writer.write(b"x")
        await asyncio.sleep(0.05)
    answer = await client.answer()

    assert (answer.status, answer.code) == (408, "too_slow")
    assert stopped.items.visits == []


async def test_silent_connections_are_closed_without_a_word(stopped: RunningGateway) -> None:
    await stopped.start(bounds=HASTY)
    fresh, used = await stopped.client(), await stopped.client()
    await used.ask(get("/api/v1/open"))

    assert await fresh.closed()
    assert await used.closed()


async def test_a_client_after_a_long_silence_is_served_like_any_other(stopped: RunningGateway) -> None:
    await stopped.start(bounds=HASTY)
    first = await stopped.client()
    await first.ask(get("/api/v1/open"))
    first.close()

    await asyncio.sleep(1)
    answer = await (await stopped.client()).ask(get("/api/v1/open"))

    assert answer.status == 200


async def test_a_client_that_does_not_read_is_cut_off(stopped: RunningGateway) -> None:
    async def endless(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(2000):
            await visit.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    stopped.items.answer = endless
    await stopped.start(bounds=HASTY)
    client = await stopped.client()

    await client.send(get("/api/v1/live"))

    await asyncio.wait_for(stopped.items.gone.wait(), 10)


@pytest.mark.parametrize(
    "head",
    [
        get("/api/v1/open", "X-Large: " + "x" * 20_000),
        get("/api/v1/open", *[f"X-{number}: {'y' * 20}" for number in range(1000)]),
        b"GET /api/v1/open HTTP/1.1\r\nHost: souk\r\nX: " + b"x" * 20_000,
        b"GET /" + b"x" * 20_000,
    ],
)
async def test_a_head_that_is_too_large_is_refused(gateway: RunningGateway, head: bytes) -> None:
    client = await gateway.client()

    answer = await client.ask(head)

    assert (answer.status, answer.code) == (431, "head_too_large")
    assert await client.closed()


async def test_a_target_that_is_too_long_is_refused(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open?" + "x" * 5000))

    assert (answer.status, answer.code) == (414, "target_too_long")


async def test_a_body_over_the_routes_limit_is_refused_before_it_is_sent(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open", "Content-Length: 1001", method="POST"))

    assert (answer.status, answer.code, answer.header("connection")) == (413, "too_large", "close")
    assert gateway.items.visits == []


async def test_a_chunked_body_over_the_routes_limit_is_refused_on_its_way(gateway: RunningGateway) -> None:
    client = await gateway.client()
    chunk = b"100\r\n" + b"x" * 256 + b"\r\n"

    answer = await client.ask(get("/api/v1/open", "Transfer-Encoding: chunked", method="POST") + chunk * 4)

    assert (answer.status, answer.code) == (413, "too_large")
    assert gateway.items.visits == []


async def test_bodies_that_would_fill_the_memory_are_refused(stopped: RunningGateway) -> None:
    await stopped.start(bounds=Bounds(buffered_bytes=500))
    slow, client = await stopped.client(), await stopped.client()
    await slow.send(get("/api/v1/open", "Content-Length: 900", method="POST") + b"x" * 400)
    await asyncio.sleep(0.05)

    refused = await client.ask(post("/api/v1/open", b"x" * 400))
    slow.close()
    await asyncio.sleep(0.05)
    later = await (await stopped.client()).ask(post("/api/v1/open", b"x" * 400))

    assert (refused.status, refused.code, later.status) == (503, "gateway_full", 200)


async def test_a_body_is_asked_for_only_after_its_sender_was_let_in(gateway: RunningGateway) -> None:
    client = await gateway.client()
    expecting = ("Content-Length: 5", "Expect: 100-continue")

    await client.send(get("/api/v1/own", *expecting, bearer(gateway.token()), method="POST"))
    status, _ = await client.head()
    answer = await client.ask(b"hello")
    refused = await (await gateway.client()).ask(get("/api/v1/own", *expecting, method="POST"))

    assert (status, answer.status, refused.status) == (100, 200, 401)
    assert gateway.items.visits[0].body == b"hello"
    assert gateway.items.visits[0].header("expect") is None


async def test_a_client_that_leaves_takes_its_call_with_it(gateway: RunningGateway) -> None:
    began = asyncio.Event()

    async def slow(visit: Visit) -> None:
        began.set()
        await asyncio.sleep(1)
        await say_ok(visit)

    gateway.items.answer = slow
    client = await gateway.client()
    await client.send(get("/api/v1/open"))
    await began.wait()

    client.close()

    await asyncio.sleep(0.1)
    assert gateway.target.concurrency.under_way == 0


async def test_more_connections_than_allowed_are_not_taken(stopped: RunningGateway) -> None:
    await stopped.start(bounds=Bounds(connections=2))
    first, second = await stopped.client(), await stopped.client()
    await asyncio.sleep(0.05)

    third = await stopped.client()

    assert await third.closed()
    assert [(await client.ask(get("/api/v1/open"))).status for client in (first, second)] == [200, 200]


async def test_an_upgrade_to_something_unknown_is_passed_over(gateway: RunningGateway) -> None:
    client = await gateway.client()

    first = await client.ask(
        get("/api/v1/open", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x")
    )
    second = await client.ask(get("/api/v1/open"))

    assert (first.status, second.status) == (200, 200)
    assert gateway.items.visits[0].header("upgrade") is None


async def test_who_is_found_out_too_late_is_not_answered_twice(stopped: RunningGateway) -> None:
    await stopped.start(bounds=HASTY)
    stopped.desk.delay_s = 0.8
    client = await stopped.client()

    answer = await client.ask(get("/api/v1/own", "Content-Length: 5", bearer("sk_slow"), method="POST"))

    assert (answer.status, answer.code) == (408, "too_slow")
    assert await client.closed()
    assert stopped.desk.asked == 1


async def test_a_body_nobody_asked_for_does_not_reach_what_is_shared(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(post("/api/v1/shelf/7", b"hello", method="GET"))

    assert answer.status == 200
    assert gateway.items.visits[0].body == b""
