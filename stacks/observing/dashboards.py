"""Dashboards, as Grafana reads them: one of the shop as its customers see it, one of what goes on behind."""

from collections.abc import Mapping, Sequence

SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT = 12, 8
COLUMNS = 2

REQUESTS = "sum(rate(souk_gateway_public_requests_total[5m]))"
FAILED = 'sum(rate(souk_gateway_public_requests_total{status="5xx"}[5m]))'
CACHED = "sum(rate(souk_gateway_public_cached_total[5m]))"

Panel = tuple[str, str, str, str]
"""Title, unit, legend, query."""

SHOP: Sequence[Panel] = (
    ("Requests", "reqps", "{{status}}", "sum by (status) (rate(souk_gateway_public_requests_total[1m]))"),
    ("Failed requests", "percentunit", "5xx", f"{FAILED} / {REQUESTS}"),
    (
        "Time to answer, 95th percentile",
        "s",
        "{{service}}",
        "histogram_quantile(0.95, sum by (service, le) (rate(souk_http_request_seconds_bucket[5m])))",
    ),
    (
        "Requests by service",
        "reqps",
        "{{service}}",
        "sum by (service) (rate(souk_http_request_seconds_count[1m]))",
    ),
    ("Circuits open", "short", "{{service}}", "max by (service) (souk_gateway_public_circuit_open)"),
    ("Answered from the cache", "percentunit", "cached", f"{CACHED} / {REQUESTS}"),
)

BEHIND: Sequence[Panel] = (
    ("Events waiting to be published", "short", "{{service}}", "max by (service) (souk_outbox_backlog)"),
    ("Oldest of them", "s", "{{service}}", "max by (service) (souk_outbox_oldest_seconds)"),
    ("Events handled", "ops", "{{service}} {{outcome}}", "sum by (service, outcome) (rate(souk_events_total[1m]))"),
    ("Messages in queues", "short", "{{queue}}", "sum by (queue) (rabbitmq_queue_messages)"),
    ("Search behind the catalogue", "s", "lag", "max(souk_search_lag_seconds)"),
    (
        "Timers failing",
        "short",
        "{{service}} {{timer}}",
        "sum by (service, timer) (increase(souk_timer_failures_total[15m]))",
    ),
    ("Memory", "bytes", "{{app}} {{role}}", 'max by (app, role) (process_resident_memory_bytes{job="souk"})'),
    ("CPU", "short", "{{app}} {{role}}", 'sum by (app, role) (rate(process_cpu_seconds_total{job="souk"}[1m]))'),
)


def dashboards() -> Mapping[str, Mapping[str, object]]:
    """By file name."""
    return {
        "shop.json": _dashboard("souk-shop", "Souk: the shop", SHOP),
        "behind.json": _dashboard("souk-behind", "Souk: behind the counter", BEHIND),
    }


def _dashboard(uid: str, title: str, panels: Sequence[Panel]) -> Mapping[str, object]:
    return {
        "uid": uid,
        "title": title,
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> Mapping[str, object]:
    title, unit, legend, query = panel
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "targets": [{"refId": "A", "datasource": SOURCE, "expr": query, "legendFormat": legend}],
    }
