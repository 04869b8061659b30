import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from services.chassis.telemetry.context import begin
from services.chassis.telemetry.traces import Traces, start_traces

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"


class Collector:
    """As much of an OTLP/HTTP collector as takes traces."""

    def __init__(self) -> None:
        self.received: list[ExportTraceServiceRequest] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        assert head.startswith("post /v1/traces ")
        self.received.append(ExportTraceServiceRequest.FromString(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[Collector, str]]:
    collector = Collector()
    server = await asyncio.start_server(collector.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield collector, f"http://127.0.0.1:{port}"


@pytest.mark.embedded
async def test_spans_reach_a_collector_under_the_trace_they_came_with() -> None:
    async with collecting() as (collector, endpoint):
        traces = start_traces("orders", endpoint=endpoint, environment="test")
        with traces.span("POST /api/v1/checkouts", begin(request_id="r-1", traceparent=PARENT)) as inside:
            child = inside.traceparent
        await asyncio.to_thread(traces.close)

    spans = collector.received[0].resource_spans[0].scope_spans[0].spans
    assert [span.name for span in spans] == ["POST /api/v1/checkouts"]
    assert (spans[0].trace_id.hex(), spans[0].parent_span_id.hex()) == ("a" * 32, "b" * 16)
    assert child[3:35] == "a" * 32
    assert child[36:52] == spans[0].span_id.hex()


def test_without_a_collector_the_callers_trace_is_passed_on_unchanged() -> None:
    with Traces().span("x", begin(request_id="r-1", traceparent=PARENT)) as inside:
        assert inside.traceparent == PARENT


def test_a_malformed_traceparent_is_replaced() -> None:
    assert begin(request_id=None, traceparent="00-nonsense").traceparent != "00-nonsense"
