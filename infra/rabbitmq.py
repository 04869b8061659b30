"""RabbitMQ: servers of our own that find each other by name, or a cluster of the RabbitMQ operator's."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.address import Address, SecretReference
from infra.awaiting import awaited
from infra.confidential import Confidential, phrase, quoted
from infra.configuration import Content, secret
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import Mount, mount_claim, mount_secret, temporary
from infra.pod import Container, Image
from infra.probes import connect, probes
from infra.resources import Resources, bytes_of
from infra.security import STORE_UID
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 5672
METRICS_PORT = 15692
MEMBER_PORTS = {"epmd": 4369, "clustering": 25672}
USER = "souk"
PASSWORD = "password"  # noqa: S105 - the name of an entry.
CONFIG_DIR = "/etc/souk"
DEFINITIONS = "definitions.json"
DATA_DIR = "/var/lib/rabbitmq"
STOP_S = 120
"""A member hands its queues over before it stops."""
READY_WITHIN_S = 900


@dataclass(frozen=True, kw_only=True)
class RabbitmqArgs:
    """`replicas` is 1, or odd: quorum queues outlive the loss of fewer than half."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    password: Confidential
    """Of the administrator."""
    users: Mapping[str, Confidential]
    """Passwords by service; each may use what Souk's services share, and administer nothing."""
    cookie: Confidential
    """Shared by the members."""
    storage: Storage
    resources: Resources
    priority_class: pulumi.Input[str]
    replicas: int = 1

    def __post_init__(self) -> None:
        if self.replicas < 1 or self.replicas % 2 == 0:
            raise ValueError(f"replicas must be odd, so that there is a majority, not {self.replicas}")


class Rabbitmq(pulumi.ComponentResource):
    """Members are told of each other, so that none needs access to the API server."""

    address: Address
    """Of the administrator."""
    addresses: Mapping[str, Address]
    """Of each user."""

    def __init__(self, name: str, args: RabbitmqArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:rabbitmq:Rabbitmq", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="broker")
        child = pulumi.ResourceOptions(parent=self)
        entries = {
            PASSWORD: args.password,
            "cookie": args.cookie,
            "enabled_plugins": "[rabbitmq_prometheus].\n",
            "members.conf": pulumi.Output.from_input(args.namespace).apply(lambda space: _settings(name, space, args)),
            "users.conf": f"load_definitions = {CONFIG_DIR}/{DEFINITIONS}\n",
            DEFINITIONS: _definitions(args),
        }
        content = Content(namespace=args.namespace, labels=labels, entries=entries)
        secrets = secret(f"{name}-config", content, child)
        shutdown = Shutdown(unlist_s=5, drain_s=STOP_S)
        mounts = [mount_claim(DATA, DATA_DIR), mount_secret("config", secrets, CONFIG_DIR), temporary()]
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, shutdown, mounts),
            init_containers=[_cookie(args, mounts)],
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
            replicas=args.replicas,
        )
        host = Stateful(name, server, child).host
        self.address = _address(args, host, secrets)
        self.addresses = _addresses(args, host)
        self.register_outputs({"host": host})


def _settings(name: str, namespace: str, args: RabbitmqArgs) -> str:
    domain = f"{name}-members.{namespace}.svc.cluster.local"
    members = [f"rabbit@{name}-{ordinal}.{domain}" for ordinal in range(args.replicas)]
    return "\n".join(
        [
            "cluster_formation.peer_discovery_backend = classic_config",
            *(f"cluster_formation.classic_config.nodes.{number} = {one}" for number, one in enumerate(members, 1)),
            "cluster_partition_handling = pause_minority",
            "queue_leader_locator = balanced",
            # Or it would take the node's memory for its own.
            f"total_memory_available_override_value = {bytes_of(args.resources.memory)}",
            "vm_memory_high_watermark.relative = 0.6",
            "disk_free_limit.absolute = 500MB",
            "prometheus.return_per_object_metrics = true",
            "",
        ]
    )


def _definitions(args: RabbitmqArgs) -> Confidential:
    """Users and what they may do, taken over whenever a member starts; the broker adds what services declare."""
    named = {USER: args.password, **args.users}
    users: list[Confidential] = []
    for name, password in named.items():
        tags = json.dumps(["administrator"] if name == USER else [])
        users += [f'{{"name": "{name}", "tags": {tags}, "password": ', quoted(password), "}, "]
    permissions = json.dumps([_permission(name, args.users) for name in named])
    listed = phrase(*users[:-1], "}")
    return phrase('{"vhosts": [{"name": "/"}], "permissions": ', permissions, ', "users": [', listed, "]}")


def _permission(name: str, services: Iterable[str]) -> dict[str, str]:
    """Every service declares every queue, so that no event finds no taker; that takes reading them as well."""
    if name == USER:
        return {"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    queues = rf"({'|'.join(services)})\.(in|dead|retry\.[0-9]+m?s?)"
    shared = rf"souk\.(events|dead)|{queues}|amq\.gen-.*"
    return {
        "user": name,
        "vhost": "/",
        "configure": f"^({shared})$",
        "write": rf"^({shared}|amq\.default)$",
        "read": f"^({shared})$",
    }


def _addresses(args: RabbitmqArgs, host: pulumi.Input[str]) -> dict[str, Address]:
    return {name: Address(host=host, port=PORT, user=name, password=text) for name, text in args.users.items()}


def _server(args: RabbitmqArgs, shutdown: Shutdown, mounts: list[Mount]) -> Container:
    # A member without a majority takes no clients and is not dead: of all ports, it keeps only that to other members.
    amqp = connect("amqp")
    return Container(
        name="rabbitmq",
        image=args.image,
        command=("rabbitmq-server",),
        environment={
            "HOME": DATA_DIR,
            "RABBITMQ_USE_LONGNAME": "true",  # A member's name is its address at the headless Service.
            "RABBITMQ_CONFIG_FILES": f"{CONFIG_DIR}/*.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{CONFIG_DIR}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{DATA_DIR}/mnesia",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_LOG_BASE": f"{DATA_DIR}/log",
        },
        ports={"amqp": PORT, "metrics": METRICS_PORT, **MEMBER_PORTS},
        probes=probes(started=amqp, ready=amqp, live=connect("clustering")),
        shutdown=shutdown,
        resources=args.resources,
        mounts=mounts,
        uid=STORE_UID,
    )


def _cookie(args: RabbitmqArgs, mounts: list[Mount]) -> Container:
    """Erlang refuses a cookie that its group may read, and a mounted Secret is always read by group."""
    path = f"{DATA_DIR}/.erlang.cookie"
    return Container(
        name="cookie",
        image=args.image,
        command=("install", "-m", "0600", f"{CONFIG_DIR}/cookie", path),
        resources=Resources(cpu="50m", cpu_limit="250m", memory="64Mi", ephemeral_storage="64Mi"),
        mounts=mounts,
        uid=STORE_UID,
    )


def _address(args: RabbitmqArgs, host: pulumi.Input[str], secrets: pulumi.Input[str]) -> Address:
    kept = SecretReference(namespace=args.namespace, name=secrets, key=PASSWORD)
    return Address(host=host, port=PORT, user=USER, password=args.password, secret=kept)


class RabbitmqCluster(pulumi.ComponentResource):
    """The same, kept by the RabbitMQ cluster operator."""

    address: Address
    """Of the administrator."""
    addresses: Mapping[str, Address]
    """Of each user."""

    def __init__(self, name: str, args: RabbitmqArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:rabbitmq:RabbitmqCluster", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="broker")
        child = pulumi.ResourceOptions(parent=self)
        entries = {
            "username": USER,
            PASSWORD: args.password,
            "default_user.conf": phrase(f"default_user = {USER}\ndefault_pass = ", args.password, "\n"),
            DEFINITIONS: _definitions(args),
            "provider": "rabbitmq",
            "type": "rabbitmq",
            "host": pulumi.Output.concat(name, ".", args.namespace, ".svc"),
            "port": str(PORT),
        }
        secrets = secret(f"{name}-auth", Content(namespace=args.namespace, labels=labels, entries=entries), child)
        cluster = CustomResource(
            name,
            api_version="rabbitmq.com/v1beta1",
            kind="RabbitmqCluster",
            metadata=ObjectMetaArgs(
                name=name, namespace=args.namespace, labels=labels.full(), annotations=awaited(READY_WITHIN_S)
            ),
            spec=_cluster(args, secrets),
            opts=child,
        )
        host = pulumi.Output.concat(cluster.id.apply(lambda _: name), ".", args.namespace, ".svc")
        self.address = _address(args, host, secrets)
        self.addresses = _addresses(args, host)
        self.register_outputs({"host": host})


def _cluster(args: RabbitmqArgs, secrets: pulumi.Input[str]) -> dict[str, object]:
    storage_class = {"storageClassName": args.storage.storage_class} if args.storage.storage_class else {}
    return {
        "replicas": args.replicas,
        "image": args.image.reference,
        **args.image.pull_secrets(),
        "secretBackend": {"externalSecret": {"name": secrets}},
        "persistence": {"storage": args.storage.size, **storage_class},
        "resources": args.resources.to_map(),
        "terminationGracePeriodSeconds": STOP_S,
        "rabbitmq": {"additionalConfig": _ADDITIONAL},
        "override": {"statefulSet": {"spec": {"template": {"spec": _pod(args, secrets)}}}},
    }


_ADDITIONAL = f"cluster_partition_handling = pause_minority\nload_definitions = {CONFIG_DIR}/{DEFINITIONS}\n"


def _pod(args: RabbitmqArgs, secrets: pulumi.Input[str]) -> dict[str, object]:
    """What the operator's pods have beyond what it gives them."""
    mount = {"name": "definitions", "mountPath": CONFIG_DIR, "readOnly": True}
    item = {"key": DEFINITIONS, "path": DEFINITIONS}
    return {
        "priorityClassName": args.priority_class,
        "containers": [{"name": "rabbitmq", "volumeMounts": [mount]}],
        "volumes": [{"name": "definitions", "secret": {"secretName": secrets, "items": [item]}}],
    }
