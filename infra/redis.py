"""Redis, for caches and limits: one server of our own, or replicas that the Redis operator fails over between."""

from dataclasses import dataclass, replace

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.address import Address, SecretReference
from infra.confidential import Confidential, phrase
from infra.configuration import Content, config_map, secret
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import mount_claim, mount_config, mount_secret, temporary
from infra.pod import Container, Image
from infra.probes import connect, probes, run
from infra.resources import Resources
from infra.security import STORE_UID, container_security_map, pod_security_map
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 6379
USER = "default"
PASSWORD = "password"  # noqa: S105 - the name of an entry.
SECRETS_DIR = "/run/secrets/redis"
CONFIG_DIR = "/etc/souk"
DATA_DIR = "/data"
OPERATORS_FILE = "redis-additional.conf"
"""The one that the operator includes."""
API_VERSION = "redis.redis.opstreelabs.in/v1beta2"
ANSWERS = f'REDISCLI_AUTH="$(cat {SECRETS_DIR}/{PASSWORD})" redis-cli --no-auth-warning ping | grep -q PONG'


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """`memory_mib` is what the data may take; the container gets half as much again."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    password: Confidential
    storage: Storage
    priority_class: pulumi.Input[str]
    memory_mib: int = 128

    @property
    def resources(self) -> Resources:
        """With room for a copy of what changes while the data is written down."""
        return Resources(cpu="100m", cpu_limit="1", memory=f"{self.memory_mib * 3 // 2}Mi")

    @property
    def settings(self) -> str:
        """As redis.conf has them. Limits outlive a restart; what is cached makes room for what is newer."""
        return f"dir {DATA_DIR}\nappendonly yes\n{self.bounds}"

    @property
    def bounds(self) -> str:
        """What the data may take, and what goes when it would take more."""
        return f"maxmemory {self.memory_mib}mb\nmaxmemory-policy volatile-lru\n"


class Redis(pulumi.ComponentResource):
    """One server; while it restarts, services do without (they count and cache by themselves)."""

    address: Address

    def __init__(self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:redis:Redis", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="cache")
        child = pulumi.ResourceOptions(parent=self)
        auth = phrase("requirepass ", args.password, "\n")
        entries = {PASSWORD: args.password, "auth.conf": auth}
        password = secret(f"{name}-auth", Content(namespace=args.namespace, labels=labels, entries=entries), child)
        settings = {"redis.conf": f"include {SECRETS_DIR}/auth.conf\n{args.settings}"}
        config = config_map(f"{name}-config", Content(namespace=args.namespace, labels=labels, entries=settings), child)
        shutdown = Shutdown(unlist_s=1, drain_s=20)
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, shutdown, password=password, config=config),
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
        )
        host = Stateful(name, server, child).host
        self.address = _address(args, host, password)
        self.register_outputs({"host": host})


def _server(
    args: RedisArgs, shutdown: Shutdown, *, password: pulumi.Input[str], config: pulumi.Input[str]
) -> Container:
    ready = run("sh", "-c", ANSWERS)
    return Container(
        name="redis",
        image=args.image,
        command=("redis-server", f"{CONFIG_DIR}/redis.conf"),
        ports={"redis": PORT},
        probes=probes(started=ready, ready=ready, live=connect("redis")),
        shutdown=shutdown,
        resources=args.resources,
        mounts=[
            mount_claim(DATA, DATA_DIR),
            mount_secret("auth", password, SECRETS_DIR),
            mount_config("config", config, CONFIG_DIR),
            temporary(),
        ],
        uid=STORE_UID,
    )


def _address(args: RedisArgs, host: pulumi.Input[str], password: pulumi.Input[str]) -> Address:
    kept = SecretReference(namespace=args.namespace, name=password, key=PASSWORD)
    return Address(host=host, port=PORT, user=USER, password=args.password, secret=kept)


@dataclass(frozen=True, kw_only=True)
class RedisReplicationArgs:
    """What the Redis operator is asked for: servers, and as many sentinels."""

    server: RedisArgs
    replicas: int = 3

    def __post_init__(self) -> None:
        if self.replicas < 3:  # noqa: PLR2004 - two sentinels cannot outvote one that has lost the others.
            raise ValueError(f"a majority of sentinels needs 3 replicas, not {self.replicas}")


class RedisReplication(pulumi.ComponentResource):
    """One server takes writes, the others follow; sentinels choose another when it is gone."""

    address: Address

    def __init__(self, name: str, args: RedisReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:redis:RedisReplication", name, None, opts)
        server = args.server
        labels = Labels(name=name, instance=server.instance, component="cache")
        metadata = ObjectMetaArgs(name=name, namespace=server.namespace, labels=labels.full())
        child = pulumi.ResourceOptions(parent=self)
        content = Content(namespace=server.namespace, labels=labels, entries={PASSWORD: server.password})
        password = secret(f"{name}-auth", content, child)
        bounds = config_map(f"{name}-bounds", replace(content, entries={OPERATORS_FILE: server.bounds}), child)
        replication = CustomResource(
            name,
            api_version=API_VERSION,
            kind="RedisReplication",
            metadata=metadata,
            spec={**_pods(args, password), **_kept(server.storage), "redisConfig": {"additionalRedisConfig": bounds}},
            opts=child,
        )
        CustomResource(
            f"{name}-sentinel",
            api_version=API_VERSION,
            kind="RedisSentinel",
            metadata=metadata,
            spec={**_pods(args, password), "redisSentinelConfig": _sentinels(name, args, password)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[replication]),
        )
        host = pulumi.Output.concat(replication.id.apply(lambda _: name), "-master.", server.namespace, ".svc")
        self.address = _address(server, host, password)
        self.register_outputs({"host": host})


def _sentinels(name: str, args: RedisReplicationArgs, password: pulumi.Input[str]) -> dict[str, object]:
    reference = {"secretKeyRef": {"name": password, "key": PASSWORD}}
    quorum = args.replicas // 2 + 1
    return {"redisReplicationName": name, "redisReplicationPassword": reference, "quorum": str(quorum)}


def _pods(args: RedisReplicationArgs, password: pulumi.Input[str]) -> dict[str, object]:
    server = args.server
    return {
        "clusterSize": args.replicas,
        "priorityClassName": server.priority_class,
        "podSecurityContext": pod_security_map(STORE_UID),
        "securityContext": container_security_map(STORE_UID),
        "pdb": {"enabled": True, "maxUnavailable": 1},
        "kubernetesConfig": {
            "image": server.image.reference,
            "imagePullPolicy": server.image.pull,
            **server.image.pull_secrets(),
            "resources": server.resources.to_map(),
            "redisSecret": {"name": password, "key": PASSWORD},
        },
    }


def _kept(storage: Storage) -> dict[str, object]:
    storage_class = {"storageClassName": storage.storage_class} if storage.storage_class else {}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage.size}}, **storage_class}
    return {"storage": {"keepAfterDelete": storage.keep, "volumeClaimTemplate": {"spec": spec}}}
