"""What the Prometheus operator is told, where a cluster has one: which pods to scrape and what to alert on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.alerting import Alert, rules_of
from infra.labels import PART_OF, PREFIX, Labels
from infra.prometheus import METRICS

API_VERSION = "monitoring.coreos.com/v1"


@dataclass(frozen=True, kw_only=True)
class MonitorsArgs:
    """`selected` are the labels by which the operator's Prometheus finds its objects."""

    namespace: pulumi.Input[str]
    labels: Labels
    selected: Mapping[str, str]
    scraped: Sequence[str]
    alerts: Sequence[Alert]
    runbooks: str


class Monitors(pulumi.ComponentResource):
    """A PodMonitor, since workers and relays have no Service, and a PrometheusRule."""

    def __init__(self, name: str, args: MonitorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:monitors:Monitors", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata = ObjectMetaArgs(name="souk", namespace=args.namespace, labels={**args.labels.full(), **args.selected})
        CustomResource(
            f"{name}-pods",
            api_version=API_VERSION,
            kind="PodMonitor",
            metadata=metadata,
            spec={
                "namespaceSelector": {"matchNames": list(args.scraped)},
                "selector": {"matchLabels": {f"{PREFIX}/part-of": PART_OF}},
                "podMetricsEndpoints": [{"port": METRICS, "interval": "15s", "relabelings": _RELABELINGS}],
            },
            opts=child,
        )
        CustomResource(
            f"{name}-alerts",
            api_version=API_VERSION,
            kind="PrometheusRule",
            metadata=metadata,
            spec=rules_of(args.alerts, group="souk", runbooks=args.runbooks),
            opts=child,
        )
        self.register_outputs({})


_RELABELINGS = [
    {"targetLabel": "app", "sourceLabels": ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]},
    {"targetLabel": "role", "sourceLabels": ["__meta_kubernetes_pod_label_app_kubernetes_io_component"]},
    {"targetLabel": "job", "replacement": "souk"},
]
