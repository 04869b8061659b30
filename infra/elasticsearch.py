"""Elasticsearch, for searching: servers of our own, or a cluster of ECK's. It is filled from the items database and can
be filled again, so it is not backed up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
from infra.probes import connect, http_get, probes, run
from infra.resources import Resources
from infra.security import STORE_UID
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 9200
MEMBER_PORT = 9300
USER = "souk"
PASSWORD = "password"  # noqa: S105 - the name of an entry.
ADMINISTRATOR = "elastic"
SECRETS_DIR = "/run/secrets/elasticsearch"
HOME = "/usr/share/elasticsearch"
DATA_DIR = f"{HOME}/data"
CONFIG_DIR = f"{HOME}/config"
IMAGE_GROUP = 0
"""Whose the files of the official image are, for users it does not know."""
READY_WITHIN_S = 900


@dataclass(frozen=True, kw_only=True)
class ElasticsearchArgs:
    """`heap_mib` is the Java heap; the container gets twice as much."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    storage: Storage
    priority_class: pulumi.Input[str]
    cpu: str = "500m"
    cpu_limit: str = "2"
    heap_mib: int = 512
    replicas: int = 1
    password: Confidential | None = None
    """Of the built-in administrator. None: whoever the network lets in is let in."""

    def __post_init__(self) -> None:
        if self.replicas < 1 or self.replicas % 2 == 0:
            raise ValueError(f"replicas must be odd, so that there is a majority, not {self.replicas}")
        if self.password is not None and self.replicas > 1:
            raise ValueError(
                "servers that ask for a password speak TLS to each other; ECK sees to that, we to one server"
            )

    @property
    def resources(self) -> Resources:
        """Half of the memory is the system's cache of files."""
        return Resources(
            cpu=self.cpu, cpu_limit=self.cpu_limit, memory=f"{self.heap_mib * 2}Mi", ephemeral_storage="512Mi"
        )


class Elasticsearch(pulumi.ComponentResource):
    """Only the pods of `items` get there, by network policy; with a password if asked for."""

    url: Confidential

    def __init__(self, name: str, args: ElasticsearchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:elasticsearch:Elasticsearch", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="search")
        child = pulumi.ResourceOptions(parent=self)
        content = Content(namespace=args.namespace, labels=labels, entries={"elasticsearch.yml": _settings(name, args)})
        config = config_map(f"{name}-config", content, child)
        mounts = _password(name, args, labels, child)
        shutdown = Shutdown(unlist_s=5, drain_s=60)
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, shutdown, mounts),
            init_containers=[_configure(args, config)],
            groups=[IMAGE_GROUP],
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
            replicas=args.replicas,
        )
        host = Stateful(name, server, child).host
        self.url = _url(args, host)
        self.register_outputs({"host": host})


def _url(args: ElasticsearchArgs, host: pulumi.Output[str]) -> Confidential:
    if args.password is None:
        return pulumi.Output.concat("http://", host, f":{PORT}")
    return Address(host=host, port=PORT, user=ADMINISTRATOR, password=args.password).url("http")


def _password(name: str, args: ElasticsearchArgs, labels: Labels, opts: pulumi.ResourceOptions) -> list[Mount]:
    if args.password is None:
        return []
    content = Content(namespace=args.namespace, labels=labels, entries={PASSWORD: args.password})
    return [mount_secret("auth", secret(f"{name}-auth", content, opts), SECRETS_DIR)]


def _settings(name: str, args: ElasticsearchArgs) -> str:
    members = [f"{name}-{ordinal}" for ordinal in range(args.replicas)]
    lines = [
        "cluster.name: souk",
        "node.name: ${HOSTNAME}",
        "network.host: 0.0.0.0",
        f"http.port: {PORT}",
        f"transport.port: {MEMBER_PORT}",
        f"xpack.security.enabled: {'false' if args.password is None else 'true'}",
        "node.store.allow_mmap: false",  # The node's vm.max_map_count is not ours to raise.
    ]
    if args.password is not None:
        lines += ["xpack.security.autoconfiguration.enabled: false", "xpack.security.http.ssl.enabled: false"]
    if args.replicas == 1:
        return "\n".join([*lines, "discovery.type: single-node", ""])
    listed = ", ".join(members)
    found = f"discovery.seed_hosts: [{name}-members]"
    return "\n".join([*lines, found, f"cluster.initial_master_nodes: [{listed}]", ""])


def _server(args: ElasticsearchArgs, shutdown: Shutdown, mounts: Sequence[Mount]) -> Container:
    # Ready is a server that answers; the state of its shards is the alert's business, or a restart would end none. One
    # that asks for a password is asked from within, where the password is a file.
    answers = http_get("http", "/") if args.password is None else run("sh", "-c", _ANSWERS_WITH_PASSWORD)
    return Container(
        name="elasticsearch",
        image=args.image,
        command=() if args.password is None else ("sh", "-c", _STARTED_WITH_PASSWORD),
        environment={"ES_JAVA_OPTS": f"-Xms{args.heap_mib}m -Xmx{args.heap_mib}m"},
        ports={"http": PORT, "transport": MEMBER_PORT},
        probes=probes(started=answers, ready=answers, live=connect("http")),
        shutdown=shutdown,
        resources=args.resources,
        mounts=[
            mount_claim(DATA, DATA_DIR),
            *mounts,
            _writable_config(CONFIG_DIR),
            scratch("logs", f"{HOME}/logs"),
            temporary(),
        ],
        uid=STORE_UID,
    )


_STARTED_WITH_PASSWORD = (
    f'ELASTIC_PASSWORD="$(cat {SECRETS_DIR}/{PASSWORD})" exec /usr/local/bin/docker-entrypoint.sh eswrapper'
)
"""The image's own way to a file of the password wants one that nobody's group may read."""

# By way of a configuration, so that the list of processes does not show the password.
_ANSWERS_WITH_PASSWORD = (
    rf"""sed 's/[\\"]/\\&/g; s/.*/user = "{ADMINISTRATOR}:&"/' {SECRETS_DIR}/{PASSWORD}"""
    f" | curl --silent --fail --output /dev/null --config - http://127.0.0.1:{PORT}/"
)


def _configure(args: ElasticsearchArgs, config: pulumi.Input[str]) -> Container:
    """The server writes a keystore beside its configuration, so that folder has to be a copy."""
    copy = f"cp -R {CONFIG_DIR}/. /config/ && cp /given/elasticsearch.yml /config/"
    return Container(
        name="configure",
        image=args.image,
        command=("sh", "-c", copy),
        resources=Resources(cpu="50m", cpu_limit="500m", memory="64Mi", ephemeral_storage="64Mi"),
        mounts=[_writable_config("/config"), mount_config("given", config, "/given")],
        uid=STORE_UID,
    )


def _writable_config(path: str) -> Mount:
    return scratch("config", path)


@dataclass(frozen=True, kw_only=True)
class ElasticsearchClusterArgs:
    """What ECK is asked for."""

    server: ElasticsearchArgs
    password: Confidential


class ElasticsearchCluster(pulumi.ComponentResource):
    """Kept by ECK: members speak TLS to each other, and clients say who they are."""

    address: Address

    def __init__(self, name: str, args: ElasticsearchClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:elasticsearch:ElasticsearchCluster", name, None, opts)
        server = args.server
        labels = Labels(name=name, instance=server.instance, component="search")
        child = pulumi.ResourceOptions(parent=self)
        content = Content(
            namespace=server.namespace,
            labels=labels,
            entries={"username": USER, PASSWORD: args.password, "roles": "superuser"},
            type="kubernetes.io/basic-auth",
        )
        user = secret(f"{name}-user", content, child)
        cluster = CustomResource(
            name,
            api_version="elasticsearch.k8s.elastic.co/v1",
            kind="Elasticsearch",
            metadata=ObjectMetaArgs(
                name=name, namespace=server.namespace, labels=labels.full(), annotations=awaited(READY_WITHIN_S)
            ),
            spec=_cluster(server, labels, user),
            opts=child,
        )
        self.address = Address(
            host=pulumi.Output.concat(cluster.id.apply(lambda _: name), "-es-http.", server.namespace, ".svc"),
            port=PORT,
            user=USER,
            password=args.password,
            secret=SecretReference(namespace=server.namespace, name=user, key=PASSWORD),
        )
        self.register_outputs({"host": self.address.host})


def _claim(storage: Storage) -> dict[str, object]:
    storage_class = {"storageClassName": storage.storage_class} if storage.storage_class else {}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage.size}}, **storage_class}
    return {"metadata": {"name": "elasticsearch-data"}, "spec": spec}


def _cluster(args: ElasticsearchArgs, labels: Labels, user: pulumi.Input[str]) -> dict[str, object]:
    container = {"name": "elasticsearch", "resources": args.resources.to_map()}
    pod = {
        "priorityClassName": args.priority_class,
        "automountServiceAccountToken": False,
        "containers": [container],
        **args.image.pull_secrets(),
    }
    return {
        "version": "9.4.3",
        "image": args.image.reference,
        "auth": {"fileRealm": [{"secretName": user}]},
        "http": {"tls": {"selfSignedCertificate": {"disabled": True}}},
        "volumeClaimDeletePolicy": "DeleteOnScaledownOnly",
        "nodeSets": [
            {
                "name": "default",
                "count": args.replicas,
                "config": {"node.store.allow_mmap": False},
                "podTemplate": {"metadata": {"labels": labels.full()}, "spec": pod},
                "volumeClaimTemplates": [_claim(args.storage)],
            }
        ],
    }
