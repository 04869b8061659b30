"""Everything a stack may be told. Each field of `Configuration` is a key of `Pulumi.<stack>.yaml`: `souk:edge`.

Defaults are those of a small production; a stack's file holds what differs.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from stacks.configuration import stores
from stacks.configuration.sealed import Generated, Sealed, SecretManager
from stacks.configuration.words import Bytes, Cidr, Cpu, Cron, Host, Name, Port, Reference, Replicas, Strict, Text

UpstreamName = Literal[
    "postgres", "redis", "rabbitmq", "elasticsearch", "minio", "prometheus", "alertmanager", "grafana"
]
Seconds = Annotated[int, Meta(ge=1, le=300)]
Pool = Annotated[int, Meta(ge=1, le=200)]
PullPolicy = Literal["Always", "IfNotPresent"]


PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


class Environment(Strict, frozen=True, kw_only=True):
    """What surrounds everything."""

    prefix: Name = "souk"
    """Of namespaces: `souk`, `souk-data`."""
    protect: bool = True
    """Namespaces and data cannot be destroyed, and volumes outlive what uses them."""
    storage_class: Name | None = None
    """None: the cluster's default."""
    api_server: list[Cidr] = field(default_factory=lambda: list(PRIVATE))
    """Where the cluster's API server may be, for the few pods that ask it something."""
    api_server_ports: list[Port] = field(default_factory=lambda: [443, 6443])
    """Where it listens itself, as network policies see it behind its Service."""
    max_cpu: Cpu = "64"
    max_memory: Bytes = "128Gi"
    """What the services may ask for together, and the stores as much again."""
    max_storage: Bytes = "2Ti"


class Built(Strict, frozen=True, kw_only=True, tag_field="source", tag="build"):
    """Our images are built here, pushed to `<registry>/service` and `/postgres-client`, and used by their digests."""

    registry: Reference
    tag: Text = "latest"
    push: bool = True
    platform: Text = "linux/amd64"
    base_image: Reference | None = None
    """None: the Dockerfile's own."""
    build_image: Reference | None = None
    """None: the base image, if it has pip."""


class Given(Strict, frozen=True, kw_only=True, tag_field="source", tag="given"):
    """Our images were built elsewhere, and are named by digest."""

    service: Reference
    postgres_client: Reference


class Upstream(Strict, frozen=True, kw_only=True):
    """Images that are not ours."""

    pull: PullPolicy = "Always"
    """For all images: by digest or exact version, so a node asks the registry whether it may, not what there is."""
    instead: dict[UpstreamName, Reference] = field(default_factory=dict)
    """Another image than the usual one, such as a mirror's."""
    login: bool = False
    """Whether nodes log in to registries, ours among them, with `registry_logins` of the stack's secrets."""


class Process(Strict, frozen=True, kw_only=True):
    """How a role is run; what is not given is taken from `every`, then from the service's own defaults."""

    replicas: Replicas | None = None
    most: Replicas | None = None
    """Higher than `replicas`: autoscaled between the two."""
    cpu: Cpu | None = None
    cpu_limit: Cpu | None = None
    memory: Bytes | None = None
    vertical_memory: bool | None = None
    strategy: Literal["rolling", "canary", "bluegreen"] | None = None


class Roles(Strict, frozen=True, kw_only=True):
    """Of one service."""

    api: Process = Process()
    worker: Process = Process()
    relay: Process = Process()


class Services(Strict, frozen=True, kw_only=True):
    """The services, and what holds for every one of them."""

    every: Process = Process()
    gateway: Roles = Roles()
    auth: Roles = Roles()
    users: Roles = Roles()
    items: Roles = Roles()
    orders: Roles = Roles()
    sandbox: Roles = Roles()
    unlist_s: Seconds = 10
    drain_s: Seconds = 30
    database_pool: Pool = 8
    """Connections of each process for units of work, and as many again for reads."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    otlp_endpoint: Text | None = None
    settings: dict[Name, dict[str, str]] = field(default_factory=dict)
    """Further settings by service: `orders: {commission_bp: "800"}`."""


class Issued(Strict, frozen=True, kw_only=True, tag_field="from", tag="cert-manager"):
    """By an issuer that is in the cluster."""

    issuer: Name
    issuer_kind: Literal["ClusterIssuer", "Issuer"] = "ClusterIssuer"


class InSecrets(Strict, frozen=True, kw_only=True, tag_field="from", tag="secrets"):
    """`souk:secrets` holds `tls_certificate` and `tls_key`."""


class Unencrypted(Strict, frozen=True, kw_only=True, tag_field="from", tag="nowhere"):
    """Only for a host that nobody but this machine reaches."""


class Edge(Strict, frozen=True, kw_only=True):
    """Where requests come in. The controller is in the cluster already."""

    host: Host
    tls: Issued | InSecrets | Unencrypted
    kind: Literal["ingress", "gateway"] = "ingress"
    class_name: Name = "nginx"
    port: Port | None = None
    """Where the controller listens, if not at the scheme's own port."""
    controller_namespace: Name = "ingress-nginx"
    controller_labels: dict[str, str] = field(default_factory=lambda: {"app.kubernetes.io/name": "ingress-nginx"})
    annotations: dict[str, str] = field(
        default_factory=lambda: {"nginx.ingress.kubernetes.io/proxy-body-size": "11m"}  # Import takes 10 MB.
    )
    trusted_proxies: list[Cidr] = field(default_factory=lambda: list(PRIVATE))
    """Networks whose X-Forwarded-For is believed. Any private one will do, since only the controller gets there."""


class Istio(Strict, frozen=True, kw_only=True):
    """The cluster has Istio 1.27 or newer with its CNI plugin: restricted pods may not change their own network, and
    sidecars that end with their Job are the default from then on.
    """

    revision: Name | None = None
    """None: the cluster's default."""
    stores: bool = False
    """Whether ours have sidecars too; operators make pods of their own, and stay outside."""
    also: list[Name] = field(default_factory=list)
    """Other namespaces in the mesh, such as the ingress controller's. From elsewhere, plain text is let in."""
    trust_domain: Host = "cluster.local"
    namespace: Name = "istio-system"

    def injection(self) -> dict[str, str]:
        """Labels of a namespace whose pods get sidecars."""
        return {"istio.io/rev": self.revision} if self.revision else {"istio-injection": "enabled"}


class Payments(Strict, frozen=True, kw_only=True):
    """Who moves the money."""

    provider: Literal["sandbox", "stripe"] = "stripe"
    return_url: Text | None = None


class Mail(Strict, frozen=True, kw_only=True):
    """`captured` mail is kept in the pod that would have sent it."""

    delivery: Literal["smtp", "captured"] = "smtp"
    sender: Text = "Souk <no-reply@souk.example>"


class Backups(Strict, frozen=True, kw_only=True):
    """Of every database. Times are UTC."""

    schedule: Cron = "15 2 * * *"
    check_schedule: Cron = "15 4 * * *"
    keep_days: Annotated[int, Meta(ge=1, le=3650)] = 30
    scratch_size: Bytes = "20Gi"


class Snapshots(Strict, frozen=True, kw_only=True):
    """Of the stores' volumes, whose CSI driver has to take them. The time is UTC."""

    class_name: Name
    """The VolumeSnapshotClass."""
    schedule: Cron = "45 1 * * *"
    keep: Annotated[int, Meta(ge=1, le=100)] = 7
    """Of each volume."""


class Prometheus(Strict, frozen=True, kw_only=True, tag_field="engine", tag="plain"):
    """Prometheus, Alertmanager and Grafana of our own."""

    retention_days: Annotated[int, Meta(ge=1, le=365)] = 15
    size: Bytes = "20Gi"
    cpu: Cpu = "250m"
    memory: Bytes = "1Gi"
    dashboards: bool = True
    dashboards_host: Host | None = None
    """None: Grafana is reached by `kubectl port-forward` alone."""


class PrometheusOperator(Strict, frozen=True, kw_only=True, tag_field="engine", tag="operator"):
    """The cluster has a Prometheus operator, and a Prometheus that finds objects by these labels."""

    selected: dict[str, str] = field(default_factory=lambda: {"release": "kube-prometheus-stack"})
    url: Text = "http://prometheus-operated.monitoring.svc:9090"
    namespace: Name = "monitoring"
    labels: dict[str, str] = field(default_factory=lambda: {"app.kubernetes.io/name": "prometheus"})
    """Of Prometheus' own pods, for network policies."""


class NoMonitoring(Strict, frozen=True, kw_only=True, tag_field="engine", tag="none"):
    """Nothing is watched; for trying things."""


class Configuration(Strict, frozen=True, kw_only=True):
    """All of it."""

    edge: Edge
    images: Built | Given
    secrets: Sealed | None = None
    secrets_from: Generated | SecretManager = Generated()
    environment: Environment = Environment()
    upstream: Upstream = Upstream()
    services: Services = Services()
    postgres: stores.Postgres | stores.PostgresOperator | stores.PostgresElsewhere = stores.PostgresOperator()
    redis: stores.Redis | stores.RedisOperator | stores.RedisElsewhere = stores.RedisOperator()
    rabbitmq: stores.Rabbitmq | stores.RabbitmqOperator | stores.RabbitmqElsewhere = stores.RabbitmqOperator()
    elasticsearch: stores.Elasticsearch | stores.ElasticsearchOperator | stores.ElasticsearchElsewhere = (
        stores.ElasticsearchOperator()
    )
    objects: stores.Objects | stores.ObjectsElsewhere | None = None
    """None: there are no backups."""
    backups: Backups | None = Backups()
    snapshots: Snapshots | None = None
    """None: there are no snapshots, which are no backups."""
    mesh: Istio | None = None
    """None: pods speak plain text to each other, where network policies let them."""
    payments: Payments = Payments()
    mail: Mail = Mail()
    monitoring: Prometheus | PrometheusOperator | NoMonitoring = Prometheus()
    runbooks: Text = "docs/runbooks"
    """Where alerts say that their runbooks are."""
