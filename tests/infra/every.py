"""One of each component, so that what must hold for all of them is tested on all of them."""

from collections.abc import Callable, Mapping

import pulumi

from infra.addons import Addon, AddonArgs, Manifests
from infra.address import Address
from infra.alerting import Alert
from infra.alertmanager import Alertmanager, AlertmanagerArgs
from infra.backup import Backup, BackupArgs
from infra.databases import Databases, DatabasesArgs
from infra.edge import Edge as FrontDoor
from infra.edge import EdgeArgs, GivenCertificate
from infra.elasticsearch import (
    Elasticsearch,
    ElasticsearchArgs,
    ElasticsearchCluster,
    ElasticsearchClusterArgs,
)
from infra.grafana import Grafana, GrafanaArgs
from infra.images import BuildArgs, BuiltImage
from infra.job import Job, JobArgs
from infra.mesh import Members, Mesh, MeshArgs
from infra.monitors import Monitors, MonitorsArgs
from infra.namespace import Namespace, NamespaceArgs, Priorities, PrioritiesArgs, Quota
from infra.network import Edge, Network, NetworkArgs, Pods
from infra.objects import Bucket, ObjectStore, ObjectStoreArgs
from infra.postgres import (
    Postgres,
    PostgresArgs,
    PostgresCluster,
    PostgresClusterArgs,
)
from infra.prometheus import Prometheus, PrometheusArgs
from infra.rabbitmq import Rabbitmq, RabbitmqArgs, RabbitmqCluster
from infra.redis import Redis, RedisArgs, RedisReplication, RedisReplicationArgs
from infra.rollouts import Rollout, RolloutArgs
from infra.scaling import Scaling, Target
from infra.service import Service
from infra.snapshots import Snapshots, SnapshotsArgs
from infra.stateful import Stateful, StatefulArgs, Storage
from infra.workload import Workload
from tests.infra.examples import (
    ANALYSIS,
    CONTAINER,
    IMAGE,
    KEY,
    LABELS,
    PASSWORD,
    SERVICE,
    SHUTDOWN,
    SMALL,
    WORKLOAD,
)

STORAGE = Storage(size="10Gi", storage_class="fast", keep=True)
POSTGRES = PostgresArgs(
    namespace="souk-data",
    instance="dev",
    image=IMAGE,
    password=PASSWORD,
    storage=STORAGE,
    resources=SMALL,
    priority_class="dev-stores",
)
SERVER = Address(host="postgres.souk-data.svc", port=5432, user="postgres", password=PASSWORD)
REDIS = RedisArgs(
    namespace="souk-data",
    instance="dev",
    image=IMAGE,
    password=PASSWORD,
    storage=STORAGE,
    priority_class="dev-stores",
)
RABBITMQ = RabbitmqArgs(
    namespace="souk-data",
    instance="dev",
    image=IMAGE,
    password=PASSWORD,
    users={"orders": PASSWORD, "items": PASSWORD},
    cookie=KEY,
    storage=STORAGE,
    resources=SMALL,
    priority_class="dev-stores",
    replicas=3,
)
ELASTICSEARCH = ElasticsearchArgs(
    namespace="souk-data", instance="dev", image=IMAGE, storage=STORAGE, priority_class="dev-stores", replicas=3
)
OBJECTS = ObjectStoreArgs(
    namespace="souk-data",
    instance="dev",
    image=IMAGE,
    access_key=KEY,
    secret_key=PASSWORD,
    bucket="backups",
    storage=STORAGE,
    resources=SMALL,
    priority_class="dev-stores",
)
STATEFUL = StatefulArgs(
    namespace="souk-data",
    labels=LABELS,
    container=CONTAINER,
    storage=STORAGE,
    priority_class="dev-stores",
    shutdown=SHUTDOWN,
    replicas=3,
)
DATABASES = DatabasesArgs(
    namespace="souk-data",
    labels=LABELS,
    server=SERVER,
    image=IMAGE,
    passwords={"orders": PASSWORD, "items": PASSWORD},
    priority_class="dev-stores",
)
BACKUP = BackupArgs(
    namespace="souk-data",
    labels=LABELS,
    image=IMAGE,
    server=SERVER,
    databases=["orders", "items"],
    bucket=Bucket(url="https://s3.example", region="eu-central-1", name="backups", access_key=KEY, secret_key=PASSWORD),
    backup_schedule="15 2 * * *",
    check_schedule="15 4 * * 0",
    keep_days=14,
    scratch_size="5Gi",
    priority_class="dev-background",
)

BUILD = BuildArgs(
    image="registry.example/souk/service:1",
    context=".",
    dockerfile="images/service/Dockerfile",
    platform="linux/amd64",
    push=True,
)

ALERTS = (Alert(name="OutboxStuck", expression="age > 60", for_minutes=5, severity="critical", summary="Events wait"),)
PROMETHEUS = PrometheusArgs(
    namespace="souk-monitoring",
    instance="dev",
    image=IMAGE,
    scraped={"souk": "souk", "souk-data": "souk-data"},
    alerts=ALERTS,
    runbooks="docs/runbooks",
    alertmanager="alertmanager.souk-monitoring.svc:9093",
    retention_days=15,
    storage=STORAGE,
    resources=SMALL,
    priority_class="dev-services",
)
ALERTMANAGER = AlertmanagerArgs(
    namespace="souk-monitoring",
    instance="dev",
    image=IMAGE,
    webhook_url=f"https://hooks.example/{PASSWORD}",
    storage=STORAGE,
    priority_class="dev-services",
)
GRAFANA = GrafanaArgs(
    namespace="souk-monitoring",
    instance="dev",
    image=IMAGE,
    url="https://dashboards.souk.example",
    prometheus_url="http://prometheus.souk-monitoring.svc:9090",
    password=PASSWORD,
    dashboards={"shop.json": {"title": "The shop"}},
    priority_class="dev-background",
)
MONITORS = MonitorsArgs(
    namespace="souk-monitoring",
    labels=LABELS,
    selected={"release": "stack"},
    scraped=["souk", "souk-data"],
    alerts=ALERTS,
    runbooks="docs/runbooks",
)

SNAPSHOTS = SnapshotsArgs(
    namespace="souk-data",
    labels=LABELS,
    image=IMAGE,
    class_name="csi",
    schedule="45 1 * * *",
    keep=7,
    priority_class="dev-background",
)
TARGET = Target(api_version="apps/v1", kind="Deployment", name="orders-api", namespace="souk", labels=LABELS)
QUOTA = Quota(cpu="8", memory="16Gi")
FRONT = EdgeArgs(
    namespace="souk",
    labels=LABELS,
    kind="ingress",
    class_name="nginx",
    host="souk.example",
    service="gateway",
    port=8000,
    tls=GivenCertificate(certificate="-----BEGIN CERTIFICATE-----", key=KEY),
    annotations={},
)
GATEWAY = Pods(namespace="souk", name="gateway")
EDGE = Edge(source=GATEWAY, target=Pods(namespace="souk", name="orders"), ports=(8000,))
MESH = MeshArgs(
    edges=[EDGE],
    members=Members(namespaces={"souk": LABELS}, accounts={GATEWAY: ("gateway-api",)}),
    trust_domain="cluster.local",
    bare=frozenset({9000}),
    control_plane="istio-system",
)
ROLLOUT = RolloutArgs(
    target=TARGET, strategy="canary", scaling=Scaling(replicas=2), analysis=ANALYSIS, service="orders"
)

ADDON = AddonArgs(
    source=Manifests(urls=("https://example.com/install.yaml",)),
    namespace="argo-rollouts",
    labels=LABELS,
    own_namespace=True,
)

EVERY: Mapping[type[pulumi.ComponentResource], Callable[[], pulumi.ComponentResource]] = {
    Addon: lambda: Addon("argo-rollouts", ADDON),
    Alertmanager: lambda: Alertmanager("alertmanager", ALERTMANAGER),
    BuiltImage: lambda: BuiltImage("service", BUILD),
    Backup: lambda: Backup("backup", BACKUP),
    Databases: lambda: Databases("databases", DATABASES),
    Elasticsearch: lambda: Elasticsearch("elasticsearch", ELASTICSEARCH),
    ElasticsearchCluster: lambda: ElasticsearchCluster(
        "elasticsearch", ElasticsearchClusterArgs(server=ELASTICSEARCH, password=PASSWORD)
    ),
    FrontDoor: lambda: FrontDoor("front", FRONT),
    Grafana: lambda: Grafana("grafana", GRAFANA),
    Job: lambda: Job(
        "orders-migrate", JobArgs(namespace="souk", labels=LABELS, container=CONTAINER, priority_class="p")
    ),
    Mesh: lambda: Mesh("mesh", MESH),
    Monitors: lambda: Monitors("monitors", MONITORS),
    Namespace: lambda: Namespace("services", NamespaceArgs(name="souk", labels=LABELS, quota=QUOTA)),
    Network: lambda: Network("network", NetworkArgs(edges=[EDGE], namespaces={"souk": LABELS})),
    ObjectStore: lambda: ObjectStore("objects", OBJECTS),
    Postgres: lambda: Postgres("postgres", POSTGRES),
    PostgresCluster: lambda: PostgresCluster("postgres", PostgresClusterArgs(server=POSTGRES, instances=3)),
    Priorities: lambda: Priorities("priorities", PrioritiesArgs(prefix="dev", labels=LABELS)),
    Prometheus: lambda: Prometheus("prometheus", PROMETHEUS),
    Rabbitmq: lambda: Rabbitmq("rabbitmq", RABBITMQ),
    RabbitmqCluster: lambda: RabbitmqCluster("rabbitmq", RABBITMQ),
    Redis: lambda: Redis("redis", REDIS),
    RedisReplication: lambda: RedisReplication("redis", RedisReplicationArgs(server=REDIS)),
    Rollout: lambda: Rollout("orders-api-rollout", ROLLOUT),
    Service: lambda: Service("orders", SERVICE),
    Snapshots: lambda: Snapshots("snapshots", SNAPSHOTS),
    Stateful: lambda: Stateful("store", STATEFUL),
    Workload: lambda: Workload("orders-api", WORKLOAD),
}
