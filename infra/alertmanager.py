"""Alertmanager: groups what Prometheus tells it and hands it on, to a webhook or to nobody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from infra.configuration import Content, secret
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import mount_claim, mount_secret, temporary
from infra.pod import Container, Image
from infra.probes import HttpPaths, http_probes
from infra.resources import Resources
from infra.security import STORE_UID
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 9093
CONFIG_DIR = "/etc/souk"
DATA_DIR = "/alertmanager"
WEBHOOK = "webhook_url"
PATHS = HttpPaths(started="/-/ready", ready="/-/ready", live="/-/healthy")
RESOURCES = Resources(cpu="50m", cpu_limit="250m", memory="128Mi")


@dataclass(frozen=True, kw_only=True)
class AlertmanagerArgs:
    """Without a `webhook_url` alerts are seen only by those who look."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    webhook_url: pulumi.Input[str] | None
    storage: Storage
    priority_class: pulumi.Input[str]


class Alertmanager(pulumi.ComponentResource):
    """It keeps silences and what it has told on a small volume."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: AlertmanagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:alertmanager:Alertmanager", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="alerts")
        child = pulumi.ResourceOptions(parent=self)
        told = {} if args.webhook_url is None else {WEBHOOK: args.webhook_url}
        configuration = json.dumps(_configuration(tells=bool(told)), indent=2)
        entries: dict[str, pulumi.Input[str]] = {"alertmanager.yml": configuration, **told}
        config = secret(f"{name}-config", Content(namespace=args.namespace, labels=labels, entries=entries), child)
        shutdown = Shutdown(unlist_s=5, drain_s=20)
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, config, shutdown),
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
        )
        self.host = Stateful(name, server, child).host
        self.register_outputs({"host": self.host})


def _configuration(*, tells: bool) -> Mapping[str, object]:
    receiver = {"webhook_configs": [{"url_file": f"{CONFIG_DIR}/{WEBHOOK}", "send_resolved": True}]} if tells else {}
    return {
        "route": {
            "receiver": "everybody",
            "group_by": ["alertname", "service"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
        },
        "receivers": [{"name": "everybody", **receiver}],
    }


def _server(args: AlertmanagerArgs, config: pulumi.Input[str], shutdown: Shutdown) -> Container:
    return Container(
        name="alertmanager",
        image=args.image,
        args=(
            f"--config.file={CONFIG_DIR}/alertmanager.yml",
            f"--storage.path={DATA_DIR}",
            f"--web.listen-address=:{PORT}",
            "--cluster.listen-address=",  # One of it; there is nobody to gossip with.
        ),
        ports={"http": PORT},
        probes=http_probes("http", PATHS),
        shutdown=shutdown,
        resources=RESOURCES,
        mounts=[mount_claim(DATA, DATA_DIR), mount_secret("config", config, CONFIG_DIR), temporary()],
        uid=STORE_UID,
    )
