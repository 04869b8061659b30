import asyncio

import pytest

from services.chassis.wire.origin import Origin
from services.chassis.wire.pool import PoolLimits
from services.chassis.wire.port import Call, UpstreamError
from services.chassis.wire.upstream import TcpUpstream
from tests.chassis.wire.origin import OK, FakeOrigin, Visit, say_ok

pytestmark = pytest.mark.embedded

GET = Call(method="GET", target="/things?q=1", headers=((b"accept", b"*/*"),))
POST = Call(method="POST", target="/things", headers=(), body=b"hello")


async def test_a_call_goes_out_as_http_and_its_answer_comes_back(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    reply = await upstream.call(POST, timeout_s=2)

    assert (reply.status, reply.body) == (200, b"ok")
    assert (b"content-type", b"text/plain") in reply.headers
    assert origin.visits[0].line == "POST /things HTTP/1.1"
    assert origin.visits[0].body == b"hello"
    assert origin.visits[0].header("host") == f"127.0.0.1:{origin.origin.port}"


async def test_calls_one_after_the_other_share_a_connection(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    for _ in range(3):
        await upstream.call(GET, timeout_s=2)

    assert origin.connections == 1


async def test_calls_at_once_share_no_connection_and_wait_when_all_are_taken(
    origin: FakeOrigin, upstream: TcpUpstream
) -> None:
    async def slowly(visit: Visit) -> None:
        await asyncio.sleep(0.05)
        await visit.send(OK)

    origin.answer = slowly

    replies = await asyncio.gather(*(upstream.call(GET, timeout_s=2) for _ in range(4)))

    assert [reply.status for reply in replies] == [200] * 4
    assert origin.connections == 2


async def test_a_call_too_many_fails_at_once_and_unsent(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    released = asyncio.Event()

    async def when_released(visit: Visit) -> None:
        await released.wait()
        await visit.send(OK)

    origin.answer = when_released
    under_way = [asyncio.create_task(upstream.call(GET, timeout_s=2)) for _ in range(4)]
    await asyncio.sleep(0.05)

    with pytest.raises(UpstreamError) as refused:
        await upstream.call(GET, timeout_s=2)

    assert not refused.value.sent
    released.set()
    await asyncio.gather(*under_way)


async def test_a_connection_gone_stale_is_replaced_unnoticed(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    async def once_per_connection(visit: Visit) -> None:
        if len(origin.visits) == 2:
            visit.hang_up()
        else:
            await visit.send(OK)

    origin.answer = once_per_connection
    await upstream.call(GET, timeout_s=2)

    reply = await upstream.call(GET, timeout_s=2)

    assert reply.status == 200
    assert [visit.connection for visit in origin.visits] == [1, 1, 2]


async def test_a_post_is_not_repeated_when_its_connection_breaks(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    async def second_time_hang_up(visit: Visit) -> None:
        if len(origin.visits) == 2:
            visit.hang_up()
        else:
            await visit.send(OK)

    origin.answer = second_time_hang_up
    await upstream.call(POST, timeout_s=2)

    with pytest.raises(UpstreamError) as lost:
        await upstream.call(POST, timeout_s=2)

    assert lost.value.sent
    assert len(origin.visits) == 2


async def test_a_fresh_connection_that_breaks_is_a_failure(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    async def hang_up(visit: Visit) -> None:
        visit.hang_up()

    origin.answer = hang_up

    with pytest.raises(UpstreamError):
        await upstream.call(GET, timeout_s=2)

    assert len(origin.visits) == 1


async def test_an_answer_that_does_not_come_in_time_is_given_up(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    async def never(visit: Visit) -> None:
        await asyncio.sleep(5)
        visit.hang_up()

    origin.answer = never

    with pytest.raises(UpstreamError) as late:
        await asyncio.wait_for(upstream.call(GET, timeout_s=0.2), 2)

    assert late.value.timed_out
    await asyncio.wait_for(origin_sees_close(origin), 2)


async def origin_sees_close(origin: FakeOrigin) -> None:
    while not origin.visits[0].writer.transport.is_closing():
        origin.visits[0].writer.write(b" ")
        await asyncio.sleep(0.02)


async def test_an_abandoned_call_closes_its_connection(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    async def begin_only(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart")

    origin.answer = begin_only
    call = asyncio.create_task(upstream.call(GET, timeout_s=2))
    await asyncio.sleep(0.1)

    call.cancel()

    await asyncio.wait_for(origin.gone.wait(), 2)


async def test_no_connection_means_nothing_was_sent(unused_tcp_port: int) -> None:
    upstream = TcpUpstream(Origin(host="127.0.0.1", port=unused_tcp_port), PoolLimits(connect_s=0.5))

    with pytest.raises(UpstreamError) as refused:
        await upstream.call(POST, timeout_s=2)

    assert not refused.value.sent
    await upstream.close()


async def test_an_upstream_that_comes_back_is_reached_again(origin: FakeOrigin, upstream: TcpUpstream) -> None:
    await upstream.call(GET, timeout_s=2)
    origin.hang_up_on_all()
    await asyncio.sleep(0.05)

    reply = await upstream.call(POST, timeout_s=2)

    assert reply.status == 200
    assert origin.connections == 2


async def test_idle_connections_are_closed_before_the_upstream_does_it(origin: FakeOrigin) -> None:
    upstream = TcpUpstream(origin.origin, PoolLimits(idle_s=0.1))
    await upstream.call(GET, timeout_s=2)

    await asyncio.wait_for(origin.gone.wait(), 2)

    await upstream.close()


async def test_closing_waits_for_calls_under_way_and_refuses_new_ones(
    origin: FakeOrigin, upstream: TcpUpstream
) -> None:
    async def slowly(visit: Visit) -> None:
        await asyncio.sleep(0.1)
        await say_ok(visit)

    origin.answer = slowly
    under_way = asyncio.create_task(upstream.call(GET, timeout_s=2))
    await asyncio.sleep(0.05)

    closing = asyncio.create_task(upstream.close())
    await asyncio.sleep(0)

    with pytest.raises(UpstreamError):
        await upstream.call(GET, timeout_s=2)
    assert (await under_way).status == 200
    await asyncio.wait_for(closing, 2)
