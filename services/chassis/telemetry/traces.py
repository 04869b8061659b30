"""OpenTelemetry traces by OTLP/HTTP. Without an endpoint nothing is sampled, and the exporter is not even imported."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opentelemetry.trace import Span, SpanKind, Tracer, format_span_id, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.telemetry.context import Served

_PROPAGATOR = TraceContextTextMapPropagator()


class Traces:
    """Opens spans under the trace that a request or message came with."""

    def __init__(self, tracer: Tracer | None = None, shutdown: Callable[[], None] | None = None) -> None:
        self._tracer = tracer
        self._shutdown = shutdown

    @contextmanager
    def span(self, name: str, came_with: Served, kind: SpanKind = SpanKind.SERVER) -> Iterator[Served]:
        """What the work inside should call itself: a child span's ids, or the same when nothing is traced."""
        if self._tracer is None:
            yield came_with
            return
        parent = _PROPAGATOR.extract({"traceparent": came_with.traceparent})
        with self._tracer.start_as_current_span(name, context=parent, kind=kind) as span:
            span.set_attribute("souk.request_id", came_with.request_id)
            yield Served(came_with.request_id, _traceparent(span), came_with.identity)

    def close(self) -> None:
        """Send what is waiting."""
        if self._shutdown is not None:
            self._shutdown()


def _traceparent(span: Span) -> str:
    context = span.get_span_context()
    return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-{context.trace_flags:02x}"


def start_traces(service: str, *, endpoint: str | None, environment: str) -> Traces:
    """`endpoint` is the collector's base URL, such as `http://collector:4318`."""
    if endpoint is None:
        return Traces()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": f"souk-{service}", "deployment.environment.name": environment})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    return Traces(provider.get_tracer("souk"), provider.shutdown)
