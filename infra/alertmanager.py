"""Alertmanager: groups what Prometheus tells it and hands it on, to a webhook or to nobody."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi

from infra.confidential import Confidential
from infra.configuration import Content, config_map, secret
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import Mount, mount_claim, mount_config, mount_secret, temporary
from infra.pod import Container, Image
from infra.probes import HttpPaths, http_probes
from infra.resources import Resources
from infra.security import STORE_UID
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 9093
CONFIG_DIR = "/etc/souk"
SECRETS_DIR = "/run/secrets/alertmanager"
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
    webhook_url: Confidential | None
    storage: Storage
    priority_class: pulumi.Input[str]


class Alertmanager(pulumi.ComponentResource):
    """It keeps silences and what it has told on a small volume."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: AlertmanagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:alertmanager:Alertmanager", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="alerts")
        child = pulumi.ResourceOptions(parent=self)
        configuration = json.dumps(_configuration(tells=args.webhook_url is not None), indent=2)
        content = Content(namespace=args.namespace, labels=labels, entries={"alertmanager.yml": configuration})
        mounts = [mount_config("config", config_map(f"{name}-config", content, child), CONFIG_DIR)]
        if args.webhook_url is not None:
            told = secret(f"{name}-webhook", replace(content, entries={WEBHOOK: args.webhook_url}), child)
            mounts.append(mount_secret("webhook", told, SECRETS_DIR))
        shutdown = Shutdown(unlist_s=5, drain_s=20)
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, shutdown, mounts),
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
        )
        self.host = Stateful(name, server, child).host
        self.register_outputs({"host": self.host})


def _configuration(*, tells: bool) -> Mapping[str, object]:
    receiver = {"webhook_configs": [{"url_file": f"{SECRETS_DIR}/{WEBHOOK}", "send_resolved": True}]} if tells else {}
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


def _server(args: AlertmanagerArgs, shutdown: Shutdown, mounts: Sequence[Mount]) -> Container:
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
        mounts=[mount_claim(DATA, DATA_DIR), *mounts, temporary()],
        uid=STORE_UID,
    )
