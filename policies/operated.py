"""Stores that an operator runs: what Souk asks of it, whichever operator it is."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from policies.containers import Container, Resources
from policies.images import DIGEST, EXACT_VERSION
from policies.labels import is_disposable
from policies.lens import Lens, Metadata, ObjectReference
from policies.manifests import Resource, known, read
from policies.objects import PodTemplate
from policies.rules import Findings, on_resources

POSTGRES_CLUSTER = "Cluster"
ENOUGH = 2
"""One may go while the other stays."""


class PostgresSpec(Lens, frozen=True):
    """Of CloudNativePG's Cluster."""

    instances: int = 1
    image_name: str = ""
    resources: Resources = Resources()
    priority_class_name: str = ""
    superuser_secret: ObjectReference = ObjectReference()


class Postgres(Lens, frozen=True):
    """CloudNativePG's Cluster."""

    metadata: Metadata = Metadata()
    spec: PostgresSpec = PostgresSpec()


class Override(Lens, frozen=True):
    """A pod template under a name: of a StatefulSet, or of an override's."""

    template: PodTemplate = PodTemplate()


class OverriddenSet(Lens, frozen=True):
    """Of a RabbitmqCluster."""

    spec: Override = Override()


class Overrides(Lens, frozen=True):
    """Of a RabbitmqCluster."""

    stateful_set: OverriddenSet = OverriddenSet()


class SecretBackend(Lens, frozen=True):
    """Of a RabbitmqCluster."""

    external_secret: ObjectReference = ObjectReference()


class RabbitmqSpec(Lens, frozen=True):
    """Of a RabbitmqCluster."""

    replicas: int = 1
    image: str = ""
    resources: Resources = Resources()
    override: Overrides = Overrides()
    secret_backend: SecretBackend = SecretBackend()


class Rabbitmq(Lens, frozen=True):
    """The RabbitMQ operator's RabbitmqCluster."""

    metadata: Metadata = Metadata()
    spec: RabbitmqSpec = RabbitmqSpec()


class RedisStorage(Lens, frozen=True):
    """Of a RedisReplication."""

    keep_after_delete: bool = False


class RedisPods(Lens, frozen=True):
    """Of a RedisReplication or a RedisSentinel."""

    image: str = ""
    resources: Resources = Resources()
    redis_secret: ObjectReference = ObjectReference()


class RedisSpec(Lens, frozen=True):
    """Of a RedisReplication or a RedisSentinel."""

    cluster_size: int = 1
    kubernetes_config: RedisPods = RedisPods()
    priority_class_name: str = ""
    storage: RedisStorage | None = None


class Redis(Lens, frozen=True):
    """A RedisReplication or a RedisSentinel."""

    metadata: Metadata = Metadata()
    spec: RedisSpec = RedisSpec()


class NodeSet(Lens, frozen=True):
    """Of an Elasticsearch."""

    count: int = 1
    pod_template: PodTemplate = PodTemplate()


class Realm(Lens, frozen=True):
    """Where users come from."""

    secret_name: str = ""


class Users(Lens, frozen=True):
    """Of an Elasticsearch."""

    file_realm: tuple[Realm, ...] = ()


class ElasticsearchSpec(Lens, frozen=True):
    """Of an Elasticsearch."""

    image: str = ""
    volume_claim_delete_policy: str = "DeleteOnScaledownAndClusterDeletion"
    node_sets: tuple[NodeSet, ...] = ()
    auth: Users = Users()


class Elasticsearch(Lens, frozen=True):
    """ECK's Elasticsearch."""

    metadata: Metadata = Metadata()
    spec: ElasticsearchSpec = ElasticsearchSpec()


class Store(Struct, frozen=True, kw_only=True):
    """What all of them have."""

    metadata: Metadata
    members: int
    image: str
    resources: Resources
    priority_class: str
    secrets: tuple[str, ...]
    """Names; empty ones are the operator's business."""
    kept: bool = True
    """Whether its volumes outlive it."""


def _postgres(resource: Resource) -> Store:
    given = read(resource, Postgres)
    spec = given.spec
    return Store(
        metadata=given.metadata,
        members=spec.instances,
        image=spec.image_name,
        resources=spec.resources,
        priority_class=spec.priority_class_name,
        secrets=(spec.superuser_secret.name,),
    )


def _rabbitmq(resource: Resource) -> Store:
    given = read(resource, Rabbitmq)
    spec = given.spec
    return Store(
        metadata=given.metadata,
        members=spec.replicas,
        image=spec.image,
        resources=spec.resources,
        priority_class=spec.override.stateful_set.spec.template.spec.priority_class_name,
        secrets=(spec.secret_backend.external_secret.name,),
    )


def _redis(resource: Resource) -> Store:
    given = read(resource, Redis)
    spec = given.spec
    return Store(
        metadata=given.metadata,
        members=spec.cluster_size,
        image=spec.kubernetes_config.image,
        resources=spec.kubernetes_config.resources,
        priority_class=spec.priority_class_name,
        secrets=(spec.kubernetes_config.redis_secret.name,),
        kept=spec.storage is None or spec.storage.keep_after_delete,
    )


def _elasticsearch(resource: Resource) -> Store:
    given = read(resource, Elasticsearch)
    pods = [node.pod_template.spec for node in given.spec.node_sets]
    containers = [each for pod in pods for each in pod.containers] or [Container()]
    return Store(
        metadata=given.metadata,
        members=sum(node.count for node in given.spec.node_sets),
        image=given.spec.image,
        resources=containers[0].resources,
        priority_class=min((pod.priority_class_name for pod in pods), default=""),
        secrets=tuple(realm.secret_name for realm in given.spec.auth.file_realm),
        kept=given.spec.volume_claim_delete_policy != "DeleteOnScaledownAndClusterDeletion",
    )


_READ: Mapping[str, Callable[[Resource], Store]] = {
    POSTGRES_CLUSTER: _postgres,
    "RabbitmqCluster": _rabbitmq,
    "RedisReplication": _redis,
    "RedisSentinel": _redis,
    "Elasticsearch": _elasticsearch,
}
OPERATED = frozenset(_READ) - {"RedisSentinel"}
"""Those that hold data."""


def store_of(resource: Resource) -> Store | None:
    """None where it is no operator's."""
    reading = _READ.get(resource.kind)
    return reading(resource) if reading else None


@on_resources(why="An operator replaces a lost member only while there is another that has the data.")
def operated_store_has_members(resource: Resource) -> Findings:
    """Operators' stores outside disposable stacks have at least 2 members."""
    store = store_of(resource)
    if store and store.members < ENOUGH and not is_disposable(store.metadata.labels):
        yield f"it has {store.members}"


@on_resources(why="An operator puts no bounds where it is given none.")
def operated_store_is_bounded(resource: Resource) -> Findings:
    """Operators' stores request CPU and memory, limit memory and have a priority class."""
    store = store_of(resource)
    if store is None:
        return
    for what, stated in (("requests", store.resources.requests), ("limits", store.resources.limits)):
        if "memory" not in stated:
            yield f"resources.{what} says no memory"
    if "cpu" not in store.resources.requests:
        yield "resources.requests says no cpu"
    if not store.priority_class:
        yield "there is no priorityClassName"


@on_resources(why="What an operator picks by itself changes when the operator does.")
def operated_store_image_is_exact(resource: Resource) -> Findings:
    """Images of operators' stores are given, by digest or by an exact version."""
    store = store_of(resource)
    if store is not None:
        image = known(store.image)
        if not DIGEST.search(image) and not EXACT_VERSION.search(image):
            yield f"{image or 'no image'} is neither a digest nor an exact version"


@on_resources(why="One wrong rename otherwise takes the data along.")
def operated_store_keeps_its_volumes(resource: Resource) -> Findings:
    """Volumes of operators' stores outside disposable stacks outlive them, where the operator leaves a choice."""
    store = store_of(resource)
    if store and not store.kept and not is_disposable(store.metadata.labels):
        yield "its volumes go with it"


POLICIES = (
    operated_store_has_members,
    operated_store_is_bounded,
    operated_store_image_is_exact,
    operated_store_keeps_its_volumes,
)
