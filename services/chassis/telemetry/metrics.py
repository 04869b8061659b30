"""Prometheus metrics that every service has, and the port they are read from."""

from collections.abc import Callable

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def registry_of_process() -> CollectorRegistry:
    """A registry with what Prometheus clients tell of their process, apart from any other in it."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class Metrics:
    """One registry's worth; a process has one, tests make their own."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.registry = registry
        self.requests = Histogram(
            "souk_http_request_seconds",
            "Time to answer a request",
            ("service", "method", "route", "status"),
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self.events = Counter(
            "souk_events_total", "Messages by what became of them", ("service", "kind", "outcome"), registry=registry
        )
        published = "souk_outbox_published_total"
        self.published = Counter(published, "Outbox rows published", ("service",), registry=registry)
        self.backlog = Gauge("souk_outbox_backlog", "Outbox rows not yet published", ("service",), registry=registry)
        self.oldest_s = Gauge(
            "souk_outbox_oldest_seconds", "Age of the oldest unpublished row", ("service",), registry=registry
        )
        self.index_waiting = Gauge(
            "souk_search_waiting", "Changes that the search engine does not have yet", ("service",), registry=registry
        )
        self.index_lag_s = Gauge(
            "souk_search_lag_seconds", "Age of the oldest of those changes", ("service",), registry=registry
        )
        self.timers = Histogram(
            "souk_timer_seconds", "Time a periodic job took", ("service", "timer"), registry=registry
        )
        self.timer_failures = Counter(
            "souk_timer_failures_total", "Periodic jobs that raised", ("service", "timer"), registry=registry
        )


def serve_metrics(metrics: Metrics, port: int) -> Callable[[], None]:
    """Answer `/metrics` from a thread of its own, so that a busy loop can still be seen; returns what ends it."""
    server, thread = start_http_server(port, registry=metrics.registry)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

    return stop
