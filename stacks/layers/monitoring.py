"""What watches: a Prometheus, Alertmanager and Grafana of our own, or what the cluster's operator is told."""

from dataclasses import dataclass

import pulumi

from infra.address import SecretReference
from infra.alertmanager import PORT as ALERTMANAGER_PORT
from infra.alertmanager import Alertmanager, AlertmanagerArgs
from infra.edge import Edge
from infra.grafana import PORT as GRAFANA_PORT
from infra.grafana import Grafana, GrafanaArgs
from infra.monitors import Monitors, MonitorsArgs
from infra.pod import Image
from infra.prometheus import Prometheus, PrometheusArgs
from infra.resources import Resources
from infra.stateful import Storage
from stacks.configuration import shape
from stacks.configuration.shape import Configuration, UpstreamName
from stacks.layers.foundation import Foundation
from stacks.layers.front import edge_args
from stacks.observing.alerts import ALERTS
from stacks.observing.dashboards import dashboards
from stacks.places import Places, url_of
from stacks.safe import safe_of, tells_of_alerts
from stacks.upstream import image_of


@dataclass(frozen=True, kw_only=True)
class Watching:
    """Where people look."""

    dashboards: str | None
    """A URL, or the command that opens one."""
    password: SecretReference | None


def lay_monitoring(configuration: Configuration, places: Places, foundation: Foundation) -> Watching:
    """After the services: what is not there yet is not missed."""
    given = configuration.monitoring
    if isinstance(given, shape.PrometheusOperator):
        args = MonitorsArgs(
            namespace=foundation.monitoring,
            labels=places.labels("monitoring"),
            selected=given.selected,
            scraped=[places.services, places.data],
            alerts=ALERTS,
            runbooks=configuration.runbooks,
        )
        Monitors("monitors", args)
    if isinstance(given, shape.Prometheus):
        return _Own(configuration, places, foundation, given).lay()
    return Watching(dashboards=None, password=None)


class _Own:
    def __init__(
        self, configuration: Configuration, places: Places, foundation: Foundation, given: shape.Prometheus
    ) -> None:
        self._configuration = configuration
        self._places = places
        self._foundation = foundation
        self._given = given
        self._safe = safe_of(configuration)

    def lay(self) -> Watching:
        protected = pulumi.ResourceOptions(protect=self._configuration.environment.protect)
        Alertmanager("alertmanager", self._alertmanager(), protected)
        prometheus = Prometheus("prometheus", self._prometheus(), protected)
        if not self._given.dashboards:
            return Watching(dashboards=None, password=None)
        grafana = Grafana("grafana", self._grafana(prometheus.url))
        return Watching(dashboards=self._open_dashboards(), password=grafana.secret)

    def _alertmanager(self) -> AlertmanagerArgs:
        return AlertmanagerArgs(
            namespace=self._foundation.monitoring,
            instance=self._places.instance,
            image=self._image("alertmanager"),
            webhook_url=self._safe.single("alerts_webhook_url") if tells_of_alerts(self._configuration) else None,
            storage=self._storage("1Gi"),
            priority_class=self._foundation.ranks["services"],
        )

    def _prometheus(self) -> PrometheusArgs:
        return PrometheusArgs(
            namespace=self._foundation.monitoring,
            instance=self._places.instance,
            image=self._image("prometheus"),
            scraped={
                self._places.services: self._foundation.services,
                self._places.data: self._foundation.data,
            },
            alerts=ALERTS,
            runbooks=self._configuration.runbooks,
            alertmanager=f"alertmanager.{self._places.monitoring}.svc:{ALERTMANAGER_PORT}",
            retention_days=self._given.retention_days,
            storage=self._storage(self._given.size),
            resources=Resources(cpu=self._given.cpu, cpu_limit="2", memory=self._given.memory),
            priority_class=self._foundation.ranks["services"],
        )

    def _grafana(self, prometheus_url: pulumi.Output[str]) -> GrafanaArgs:
        return GrafanaArgs(
            namespace=self._foundation.monitoring,
            instance=self._places.instance,
            image=self._image("grafana"),
            url=self._url or f"http://localhost:{GRAFANA_PORT}",
            prometheus_url=prometheus_url,
            password=self._safe.single("grafana"),
            dashboards=dashboards(),
            priority_class=self._foundation.ranks["background"],
        )

    def _open_dashboards(self) -> str:
        if self._url is None or self._given.dashboards_host is None:
            return f"kubectl port-forward -n {self._places.monitoring} service/grafana {GRAFANA_PORT}"
        args = edge_args(
            self._configuration,
            self._places,
            namespace=self._foundation.monitoring,
            host=self._given.dashboards_host,
            to=("grafana", GRAFANA_PORT),
        )
        Edge("dashboards", args)
        return self._url

    @property
    def _url(self) -> str | None:
        host = self._given.dashboards_host
        return url_of(self._configuration, host) if host else None

    def _image(self, name: UpstreamName) -> Image:
        return image_of(name, self._configuration.upstream, self._foundation.login)

    def _storage(self, size: str) -> Storage:
        environment = self._configuration.environment
        return Storage(size=size, storage_class=environment.storage_class, keep=environment.protect)
