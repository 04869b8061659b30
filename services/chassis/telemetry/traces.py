"""OpenTelemetry traces by OTLP/HTTP. Without an endpoint nothing is sampled, and the exporter is not even imported."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_span_id, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.telemetry.context import Served

SERVER_FAULT = 500
_PROPAGATOR = TraceContextTextMapPropagator()


class OpenSpan:
    """A span that is ended by hand, for work that no single block of code sees from beginning to end."""

    __slots__ = ("_span", "_tracer", "traceparent")

    def __init__(self, span: Span, tracer: Tracer) -> None:
        self._span = span
        self._tracer = tracer
        self.traceparent = _traceparent(span).encode()
        """For what is done inside."""

    @property
    def trace_id(self) -> bytes:
        """32 hexadecimal digits."""
        return self.traceparent[3:35]

    def child(self, name: str, **attributes: str) -> "OpenSpan":
        """A call to another service, as part of this."""
        return _open(self._tracer, name, self.traceparent.decode(), SpanKind.CLIENT, attributes)

    def end(self, name: str | None = None, *, status: int = 0, failed: str | None = None) -> None:
        """With the HTTP status, if there was an answer, and in a word why there was none."""
        if name is not None:
            self._span.update_name(name)
        if status:
            self._span.set_attribute("http.response.status_code", status)
        if failed is not None:
            self._span.set_attribute("error.type", failed)
        if failed is not None or status >= SERVER_FAULT:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


def _open(tracer: Tracer, name: str, parent: str | None, kind: SpanKind, attributes: Mapping[str, str]) -> OpenSpan:
    context = _PROPAGATOR.extract({} if parent is None else {"traceparent": parent}, context=Context())
    return OpenSpan(tracer.start_span(name, context=context, kind=kind, attributes=attributes), tracer)


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

    @property
    def on(self) -> bool:
        """Whether anybody would see them."""
        return self._tracer is not None

    def open(self, name: str, parent: str | None, **attributes: str) -> OpenSpan | None:
        """The service's side of a request, under `parent` or as the first of its trace; None when nothing is traced."""
        return None if self._tracer is None else _open(self._tracer, name, parent, SpanKind.SERVER, attributes)

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
