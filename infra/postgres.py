"""PostgreSQL: one server of our own, or a cluster of CloudNativePG's. What is on it is `infra.databases`' business."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.address import Address, SecretReference
from infra.awaiting import awaited
from infra.confidential import Confidential
from infra.configuration import Content, config_map, secret
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import Mount, mount_claim, mount_config, mount_secret, scratch, temporary
from infra.pod import Container, Image
from infra.probes import connect, probes, run
from infra.resources import Resources
from infra.scripts import read
from infra.security import STORE_UID
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 5432
USER = "postgres"
PASSWORD = "password"  # noqa: S105 - the name of an entry.
SECRETS_DIR = "/run/secrets/postgres"
SCRIPTS_DIR = "/scripts"
SOCKETS_DIR = "/var/run/postgresql"
DATA_DIR = "/var/lib/postgresql/data"
IMAGE_UID = 999
"""Of `postgres` in the official image; a server must find its user there."""
STOP_S = 60
"""A fast shutdown ends every session and writes a checkpoint."""
READY_WITHIN_S = 900
SETTINGS = {
    "password_encryption": "scram-sha-256",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1s",
    "idle_in_transaction_session_timeout": "60s",
}


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """A server for one service, or for all."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    password: Confidential
    """Of the administrator; it is set anew whenever the server starts."""
    storage: Storage
    resources: Resources
    priority_class: pulumi.Input[str]
    max_connections: int = 200


class Postgres(pulumi.ComponentResource):
    """One server; when it restarts, its clients wait."""

    address: Address

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:postgres:Postgres", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="database")
        child = pulumi.ResourceOptions(parent=self)
        content = Content(namespace=args.namespace, labels=labels, entries={PASSWORD: args.password})
        password = secret(f"{name}-admin", content, child)
        scripts = config_map(f"{name}-scripts", replace(content, entries=read("password.sh")), child)
        mounts = [mount_secret("admin", password, SECRETS_DIR), mount_config("scripts", scripts, SCRIPTS_DIR)]
        shutdown = Shutdown(unlist_s=0, drain_s=STOP_S, command=("pg_ctl", "stop", "--mode=fast", "--wait"))
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, shutdown, mounts),
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
        )
        self.address = _address(args, Stateful(name, server, child).host, password)
        self.register_outputs({"host": self.address.host})


def _address(args: PostgresArgs, host: pulumi.Input[str], password: pulumi.Input[str]) -> Address:
    kept = SecretReference(namespace=args.namespace, name=password, key=PASSWORD)
    return Address(host=host, port=PORT, user=USER, password=args.password, secret=kept)


def _server(args: PostgresArgs, shutdown: Shutdown, mounts: Sequence[Mount]) -> Container:
    ready = run("pg_isready", "--quiet", "--host=127.0.0.1", f"--username={USER}")
    settings = {**SETTINGS, "max_connections": str(args.max_connections)}
    return Container(
        name="postgres",
        image=args.image,
        args=[part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
        environment={
            "POSTGRES_USER": USER,
            "POSTGRES_PASSWORD_FILE": f"{SECRETS_DIR}/{PASSWORD}",
            "POSTGRES_INITDB_ARGS": "--data-checksums --auth-host=scram-sha-256",
            "PGDATA": f"{DATA_DIR}/pgdata",
            "SOCKETS": SOCKETS_DIR,
        },
        ports={"postgres": PORT},
        probes=probes(started=ready, ready=ready, live=connect("postgres")),
        shutdown=shutdown,
        after_start=("sh", f"{SCRIPTS_DIR}/password.sh"),
        resources=args.resources,
        mounts=[
            mount_claim(DATA, DATA_DIR),
            *mounts,
            scratch("run", SOCKETS_DIR),
            scratch("shm", "/dev/shm", size="128Mi", in_memory=True),  # noqa: S108 - as above.
            temporary(),
        ],
        uid=STORE_UID,
    )


@dataclass(frozen=True, kw_only=True)
class PostgresClusterArgs:
    """What CloudNativePG is asked for."""

    server: PostgresArgs
    instances: int

    def __post_init__(self) -> None:
        if self.instances < 1:
            raise ValueError(f"instances must be at least 1, not {self.instances}")


class PostgresCluster(pulumi.ComponentResource):
    """A primary and its standbys; the operator fails over, and every commit is on two of them."""

    address: Address

    def __init__(self, name: str, args: PostgresClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:postgres:PostgresCluster", name, None, opts)
        server = args.server
        labels = Labels(name=name, instance=server.instance, component="database")
        child = pulumi.ResourceOptions(parent=self)
        content = Content(
            namespace=server.namespace,
            labels=labels,
            entries={"username": USER, PASSWORD: server.password},
            type="kubernetes.io/basic-auth",
        )
        password = secret(f"{name}-admin", content, child)
        cluster = CustomResource(
            name,
            api_version="postgresql.cnpg.io/v1",
            kind="Cluster",
            metadata=ObjectMetaArgs(
                name=name, namespace=server.namespace, labels=labels.full(), annotations=awaited(READY_WITHIN_S)
            ),
            spec=_cluster(args, labels, password),
            opts=child,
        )
        # Known once the cluster is there, so that whatever needs it waits.
        host = pulumi.Output.concat(cluster.id.apply(lambda _: name), "-rw.", server.namespace, ".svc")
        self.address = _address(server, host, password)
        self.register_outputs({"host": self.address.host})


def _cluster(args: PostgresClusterArgs, labels: Labels, password: pulumi.Input[str]) -> dict[str, object]:
    server, storage = args.server, args.server.storage
    parameters = {**SETTINGS, "max_connections": str(server.max_connections)}
    synchronous = {"synchronous": {"method": "any", "number": 1}} if args.instances > 1 else {}
    storage_class = {"storageClass": storage.storage_class} if storage.storage_class else {}
    return {
        "instances": args.instances,
        "imageName": server.image.reference,
        "imagePullPolicy": server.image.pull,
        **server.image.pull_secrets(),
        # The account that the image of PostgreSQL's own has; the operator takes its own image's.
        "postgresUID": IMAGE_UID,
        "postgresGID": IMAGE_UID,
        "enableSuperuserAccess": True,
        "superuserSecret": {"name": password},
        "priorityClassName": server.priority_class,
        "primaryUpdateStrategy": "unsupervised",
        "inheritedMetadata": {"labels": labels.full()},
        "postgresql": {"parameters": parameters, **synchronous},
        "storage": {"size": storage.size, "resizeInUseVolumes": True, **storage_class},
        "resources": server.resources.to_map(),
        "affinity": {"enablePodAntiAffinity": True, "topologyKey": "kubernetes.io/hostname"},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
