"""The gateway's own metrics. The hot path adds to plain lists; what Prometheus reads is made when it asks."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from services.chassis.telemetry.metrics import LATENCY_BUCKETS_S

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_BOUNDS = LATENCY_BUCKETS_S

Reading = tuple[str, float]
Readings = Callable[[], Iterable[Reading]]


class Series:
    """Requests of one route and method."""

    __slots__ = ("buckets", "by_class", "cached", "method", "route", "seconds")

    def __init__(self, route: str, method: str) -> None:
        self.route = route
        self.method = method
        self.by_class = [0] * (len(CLASSES) + 1)
        self.buckets = [0] * (len(_BOUNDS) + 1)
        self.seconds = 0.0
        self.cached = 0

    def observe(self, status: int, seconds: float) -> None:
        """One answer."""
        self.by_class[status // 100] += 1
        self.buckets[bisect_left(_BOUNDS, seconds)] += 1
        self.seconds += seconds


class Meter(Collector):
    """All series of a listener, and gauges read from what they describe."""

    def __init__(self, listener: str, registry: CollectorRegistry) -> None:
        self._listener = listener
        self._series: dict[tuple[str, str], Series] = {}
        self._gauges: dict[tuple[str, str], Readings] = {}
        self.unrouted = self.series("-", "-")
        registry.register(self)

    def series(self, route: str, method: str) -> Series:
        """The one for this route and method."""
        return self._series.setdefault((route, method), Series(route, method))

    def gauge(self, name: str, help_text: str, readings: Readings) -> None:
        """Values by label `service`, read when asked for."""
        self._gauges[name, help_text] = readings

    def collect(self) -> Iterator[Metric]:
        """For Prometheus."""
        requests = CounterMetricFamily(
            f"souk_gateway_{self._listener}_requests",
            "Requests by route, method and status class",
            labels=("route", "method", "status"),
        )
        cached = CounterMetricFamily(
            f"souk_gateway_{self._listener}_cached",
            "Requests answered from the response cache",
            labels=("route", "method"),
        )
        times = HistogramMetricFamily(
            f"souk_gateway_{self._listener}_seconds", "Time to the end of the answer", labels=("route", "method")
        )
        for series in self._series.values():
            self._add(series, requests, cached, times)
        yield from (requests, cached, times)
        for (name, help_text), readings in self._gauges.items():
            gauge = GaugeMetricFamily(f"souk_gateway_{self._listener}_{name}", help_text, labels=("service",))
            for service, value in readings():
                gauge.add_metric((service,), value)
            yield gauge

    def _add(
        self,
        series: Series,
        requests: CounterMetricFamily,
        cached: CounterMetricFamily,
        times: HistogramMetricFamily,
    ) -> None:
        labels = (series.route, series.method)
        for index, count in enumerate(series.by_class):
            if count:
                requests.add_metric((*labels, CLASSES[index - 1]), count)
        if series.cached:
            cached.add_metric(labels, series.cached)
        times.add_metric(labels, _cumulate(series.buckets), series.seconds)


def _cumulate(buckets: list[int]) -> list[tuple[str, float]]:
    total = 0
    rows: list[tuple[str, float]] = []
    for bound, count in zip((*map(str, _BOUNDS), "+Inf"), buckets, strict=True):
        total += count
        rows.append((bound, total))
    return rows
