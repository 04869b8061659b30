"""Grafana: dashboards that are files, on a Prometheus. It keeps nothing: changes by hand are gone with the pod."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi

from infra.address import SecretReference
from infra.confidential import Confidential
from infra.configuration import Content, config_map, secret
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import Mount, mount_config, mount_secret, scratch, temporary
from infra.pod import Container, Image
from infra.probes import HttpPaths, http_probes
from infra.resources import Resources
from infra.scaling import Scaling
from infra.security import STORE_UID
from infra.workload import Workload, WorkloadArgs

PORT = 3000
PASSWORD = "password"  # noqa: S105 - the name of an entry.
SECRETS_DIR = "/run/secrets/grafana"
DASHBOARDS_DIR = "/var/lib/souk/dashboards"
FOLDERS = {
    "datasources": "/etc/grafana/provisioning/datasources",
    "providers": "/etc/grafana/provisioning/dashboards",
    "dashboards": DASHBOARDS_DIR,
}
PATHS = HttpPaths(started="/api/health", ready="/api/health", live="/healthz")
RESOURCES = Resources(cpu="100m", cpu_limit="500m", memory="256Mi")


@dataclass(frozen=True, kw_only=True)
class GrafanaArgs:
    """`dashboards` are by file name, as Grafana exports them."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    url: str
    """Where people open it."""
    prometheus_url: pulumi.Input[str]
    password: Confidential
    dashboards: Mapping[str, Mapping[str, object]]
    priority_class: pulumi.Input[str]


class Grafana(pulumi.ComponentResource):
    """Everyone logs in; the first account is `admin`."""

    secret: SecretReference

    def __init__(self, name: str, args: GrafanaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:grafana:Grafana", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="dashboards")
        child = pulumi.ResourceOptions(parent=self)

        content = Content(namespace=args.namespace, labels=labels, entries={PASSWORD: args.password})
        password = secret(f"{name}-admin", content, child)
        files: dict[str, Mapping[str, pulumi.Input[str]]] = {
            "datasources": {"prometheus.yaml": _sources(args.prometheus_url)},
            "providers": {"files.yaml": json.dumps(_PROVIDERS)},
            "dashboards": {file: json.dumps(dashboard, indent=1) for file, dashboard in args.dashboards.items()},
        }
        mounts = [
            mount_config(folder, config_map(f"{name}-{folder}", replace(content, entries=files[folder]), child), path)
            for folder, path in FOLDERS.items()
        ]
        shutdown = Shutdown(unlist_s=5, drain_s=20)
        container = _server(args, shutdown, [mount_secret("admin", password, SECRETS_DIR), *mounts])
        Workload(name, _workload(name, args, container, shutdown), child)
        self.secret = SecretReference(namespace=args.namespace, name=password, key=PASSWORD)
        self.register_outputs({})


def _workload(name: str, args: GrafanaArgs, container: Container, shutdown: Shutdown) -> WorkloadArgs:
    return WorkloadArgs(
        namespace=args.namespace,
        labels=Labels(name=name, instance=args.instance, component="dashboards"),
        container=container,
        shutdown=shutdown,
        scaling=Scaling(replicas=1),  # Sessions are in its own database.
        priority_class=args.priority_class,
        services={name: "http"},
    )


def _server(args: GrafanaArgs, shutdown: Shutdown, mounts: Sequence[Mount]) -> Container:
    return Container(
        name="grafana",
        image=args.image,
        environment=_environment(args.url),
        ports={"http": PORT},
        probes=http_probes("http", PATHS),
        shutdown=shutdown,
        resources=RESOURCES,
        mounts=[*mounts, scratch("data", "/var/lib/grafana", size="256Mi"), temporary()],
        uid=STORE_UID,
    )


def _environment(url: str) -> Mapping[str, str]:
    return {
        "GF_SERVER_ROOT_URL": url,
        "GF_SECURITY_ADMIN_PASSWORD__FILE": f"{SECRETS_DIR}/{PASSWORD}",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_USERS_ALLOW_SIGN_UP": "false",
    }


def _sources(prometheus_url: pulumi.Input[str]) -> pulumi.Output[str]:
    source = {"name": "Prometheus", "uid": "prometheus", "type": "prometheus", "access": "proxy", "isDefault": True}
    return pulumi.Output.json_dumps({"apiVersion": 1, "datasources": [{**source, "url": prometheus_url}]})


_PROVIDERS = {
    "apiVersion": 1,
    "providers": [{"name": "souk", "type": "file", "options": {"path": DASHBOARDS_DIR}}],
}
