"""What operators learn of calls that failed: a line in the log, and spans where there is a collector."""

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from services.chassis.telemetry.traces import Traces
from services.gateway.proxy.incoming import Incoming, Peer
from services.gateway.proxy.limiting import BottomlessPurse
from services.gateway.proxy.tracing import Tracing
from tests.chassis.wire.origin import Visit, say_ok
from tests.gateway.proxy.test_websockets import HANDSHAKE
from tests.gateway.running import RunningGateway, bearer, get

pytestmark = pytest.mark.embedded

PRIVATE = "ada@example.org"


class Spans:
    """All that have ended, with the tracing that makes them."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._provider = TracerProvider()
        self._provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def tracing(self, share: float, *, trusts: bool = False) -> Tracing:
        return Tracing(Traces(self._provider.get_tracer("test")), share=share, trusts=trusts)

    @property
    def ended(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def close(self) -> None:
        self._provider.shutdown()


@pytest.fixture
def spans() -> Iterator[Spans]:
    spans = Spans()
    yield spans
    spans.close()


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [vars(record) for record in caplog.records if record.name.startswith("services.gateway.proxy")]


async def test_the_log_says_which_service_failed_and_how_and_nothing_of_the_user(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    async def late(visit: Visit) -> None:
        await asyncio.sleep(0.6)
        await say_ok(visit)

    gateway.items.answer = late
    client = await gateway.client()

    answer = await client.ask(get(f"/api/v1/hasty?email={PRIVATE}", bearer(gateway.token())))

    (line,) = lines(caplog)
    assert answer.status == 504
    assert (line["upstream"], line["route"], line["try"]) == ("items", "/api/v1/hasty", 1)
    assert line["reason"] == "the answer did not come in time"
    assert line["request_id"] == answer.header("x-request-id")
    assert PRIVATE not in str(line)


async def test_the_log_names_every_try(gateway: RunningGateway, caplog: pytest.LogCaptureFixture) -> None:
    await gateway.items.stop()
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/open"))

    assert answer.status == 502
    assert [line["try"] for line in lines(caplog)] == [1, 2]
    assert all("no connection" in str(line["reason"]) for line in lines(caplog))


async def test_the_log_says_which_service_took_no_websocket(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    await gateway.items.stop()
    client = await gateway.client()

    answer = await client.ask(get("/api/v1/chat", *HANDSHAKE, bearer(gateway.token())))

    (line,) = lines(caplog)
    assert answer.status == 502
    assert (line["upstream"], line["request_id"]) == ("items", answer.header("x-request-id"))


async def test_an_exchange_and_its_call_are_spans_of_the_trace_that_the_service_goes_on_with(
    stopped: RunningGateway, spans: Spans
) -> None:
    await stopped.start(tracing=spans.tracing(1.0))
    client = await stopped.client()

    answer = await client.ask(get("/api/v1/open/1"))

    call, exchange = spans.ended
    assert (exchange.name, exchange.kind, exchange.parent) == ("GET /api/v1/open", SpanKind.SERVER, None)
    assert (call.name, call.kind) == ("GET items", SpanKind.CLIENT)
    assert call.parent is not None
    assert call.parent.span_id == exchange.context.span_id
    told = f"00-{exchange.context.trace_id:032x}-{call.context.span_id:016x}-"
    assert str(stopped.items.visits[0].header("traceparent")).startswith(told)
    assert answer.header("x-request-id") == f"{exchange.context.trace_id:032x}"
    assert [span.attributes and span.attributes["http.response.status_code"] for span in spans.ended] == [200, 200]


async def test_a_second_try_is_a_span_of_its_own_and_says_what_failed(stopped: RunningGateway, spans: Spans) -> None:
    async def die_first(visit: Visit) -> None:
        if len(stopped.items.visits) == 1:
            visit.hang_up()
        else:
            await say_ok(visit)

    stopped.items.answer = die_first
    await stopped.start(tracing=spans.tracing(1.0))
    client = await stopped.client()

    await client.ask(get("/api/v1/open"))

    first, second, exchange = spans.ended
    assert first.attributes is not None
    assert second.attributes is not None
    assert first.attributes["error.type"] == "no_answer"
    assert second.attributes["http.response.status_code"] == 200
    assert exchange.status.is_unset


@pytest.mark.parametrize(("flags", "traced"), [("00", False), ("01", True), ("02", False), ("03", True)])
def test_a_trusted_caller_decides_whether_its_trace_goes_on(spans: Spans, flags: str, traced: bool) -> None:  # noqa: FBT001
    told = f"00-{'a' * 32}-{'b' * 16}-{flags}".encode()

    span = spans.tracing(0.0, trusts=True).enter(asking(told))

    assert (span is not None) == traced
    assert span is None or span.trace_id == b"a" * 32


def asking(traceparent: bytes) -> Incoming:
    peer = Peer(address="::1", field=(b"x-forwarded-for", b"::1"), purse=BottomlessPurse("here"))
    held = {b"traceparent": traceparent}
    return Incoming(
        method="GET", target=b"/", fields=[], held=held, peer=peer, keep_alive=True, has_body=False, complete=True
    )


async def test_what_is_not_sampled_opens_no_spans_and_tells_the_service_so(
    stopped: RunningGateway, spans: Spans
) -> None:
    await stopped.start(tracing=spans.tracing(0.0))
    client = await stopped.client()

    await client.ask(get("/api/v1/open"))

    assert spans.ended == ()
    assert str(stopped.items.visits[0].header("traceparent")).endswith("-00")
