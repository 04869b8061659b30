"""Prometheus of our own: what it scrapes, what it alerts on and where it keeps it. Of the cluster it sees the pods of
the namespaces it is given, and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs, Role, RoleBinding, RoleRefArgs, SubjectArgs

from infra.alerting import Alert, rules_of
from infra.configuration import Content, config_map
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import mount_claim, mount_config, mount_token, temporary
from infra.pod import Container, Image
from infra.probes import HttpPaths, http_probes
from infra.resources import Resources
from infra.security import STORE_UID
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 9090
CONFIG_DIR = "/etc/souk"
DATA_DIR = "/prometheus"
METRICS = "metrics"
"""The name of the ports that are scraped."""
PATHS = HttpPaths(started="/-/ready", ready="/-/ready", live="/-/healthy")


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """Pods of `scraped` namespaces are asked at their port `metrics`."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    scraped: Mapping[str, pulumi.Input[str]]
    """Namespaces: each by its name, and as what is there once it has been made."""
    alerts: Sequence[Alert]
    runbooks: str
    alertmanager: str
    """`host:port`."""
    retention_days: int
    storage: Storage
    resources: Resources
    priority_class: pulumi.Input[str]


class Prometheus(pulumi.ComponentResource):
    """`url` is for those in the cluster."""

    url: pulumi.Output[str]

    def __init__(self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:prometheus:Prometheus", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="metrics")
        child = pulumi.ResourceOptions(parent=self)
        files = {
            "prometheus.yml": json.dumps(_configuration(args), indent=2),
            "alerts.yml": json.dumps(rules_of(args.alerts, group="souk", runbooks=args.runbooks), indent=2),
        }
        config = config_map(f"{name}-config", Content(namespace=args.namespace, labels=labels, entries=files), child)
        for known, namespace in args.scraped.items():
            _let_see(f"{name}-{known}", name, args, namespace, child)
        shutdown = Shutdown(unlist_s=5, drain_s=60)
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, config, shutdown),
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
        )
        self.url = pulumi.Output.concat("http://", Stateful(name, server, child).host, f":{PORT}")
        self.register_outputs({"url": self.url})


def _configuration(args: PrometheusArgs) -> Mapping[str, object]:
    labels = {"app_kubernetes_io_name": "app", "app_kubernetes_io_component": "role"}
    relabelled = [
        {"action": "keep", "source_labels": ["__meta_kubernetes_pod_container_port_name"], "regex": METRICS},
        {"target_label": "namespace", "source_labels": ["__meta_kubernetes_namespace"]},
        {"target_label": "pod", "source_labels": ["__meta_kubernetes_pod_name"]},
        *(
            {"target_label": target, "source_labels": [f"__meta_kubernetes_pod_label_{label}"]}
            for label, target in labels.items()
        ),
    ]
    pods = {"role": "pod", "namespaces": {"names": list(args.scraped)}}
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": [f"{CONFIG_DIR}/alerts.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [args.alertmanager]}]}]},
        "scrape_configs": [
            {"job_name": "souk", "kubernetes_sd_configs": [pods], "relabel_configs": relabelled},
            {"job_name": "prometheus", "static_configs": [{"targets": [f"localhost:{PORT}"]}]},
        ],
    }


def _let_see(
    name: str, account: str, args: PrometheusArgs, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    labels = Labels(name=account, instance=args.instance, component="metrics").full()
    metadata = ObjectMetaArgs(name=account, namespace=namespace, labels=labels)
    rule = PolicyRuleArgs(api_groups=[""], resources=["pods"], verbs=["get", "list", "watch"])
    Role(name, metadata=metadata, rules=[rule], opts=opts)
    RoleBinding(
        name,
        metadata=metadata,
        role_ref=RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="Role", name=account),
        subjects=[SubjectArgs(kind="ServiceAccount", name=account, namespace=args.namespace)],
        opts=opts,
    )


def _server(args: PrometheusArgs, config: pulumi.Input[str], shutdown: Shutdown) -> Container:
    return Container(
        name="prometheus",
        image=args.image,
        args=(
            f"--config.file={CONFIG_DIR}/prometheus.yml",
            f"--storage.tsdb.path={DATA_DIR}",
            f"--storage.tsdb.retention.time={args.retention_days}d",
            f"--web.listen-address=:{PORT}",
        ),
        ports={"http": PORT},
        probes=http_probes("http", PATHS),
        shutdown=shutdown,
        resources=args.resources,
        mounts=[mount_claim(DATA, DATA_DIR), mount_config("config", config, CONFIG_DIR), mount_token(), temporary()],
        uid=STORE_UID,
    )
