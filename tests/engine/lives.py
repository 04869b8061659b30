"""The life of an environment, from its first preview to its end, and what was seen of it on the way."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import TypeAlias

from msgspec import Struct

from tests.engine.project import GIVEN, Environment, resources
from tests.lab.control_plane.plane import ControlPlane
from tests.lab.engine.wire import Object, object_at, text_at
from tests.lab.kubernetes.cluster import Cluster
from tests.lab.kubernetes.objects import Kind
from tests.lab.terminal import CommandFailed

SOMEBODY = "kubectl-edit"
_NAMESPACE = Kind(api_version="v1", name="Namespace")


class Life(Struct, frozen=True, kw_only=True):
    """Of one environment."""

    prefix: str
    """Of its namespaces."""
    foreseen: Mapping[str, str]
    """By a preview of the repository's own file, under the policies."""
    first: Mapping[str, int]
    state: str
    second: Mapping[str, int]
    drift: Mapping[str, str]
    """After what somebody did by hand."""
    repair: Mapping[str, int]
    refusal: str
    """What was said to its end; empty where it ended."""
    left: tuple[Object, ...]
    """Resources that the engine knows afterwards."""
    namespaces: tuple[str, ...]
    """Of its own, that are there afterwards."""


Lives: TypeAlias = Mapping[str, Future[Life]]
"""By stack; those of them that have not ended go on side by side."""


def live(environment: Environment, plane: ControlPlane, prefix: str) -> Life:
    """One after the other, as an operator would. Raises `CommandFailed`."""
    environment.keep_secrets()
    environment.tell(environment={"prefix": prefix})
    foreseen = environment.preview(*environment.judged)
    environment.tell(images=GIVEN)
    first = environment.up()
    state = environment.state()
    second = environment.up("--refresh", "--expect-no-changes")
    with plane.cluster() as cluster:
        meddle(cluster, prefix)
        drift = environment.preview("--refresh")
        repair = environment.taking_over().up("--refresh")
        refusal = _end(environment)
        left = tuple(resources(environment.state()))
        namespaces = tuple(sorted(name for name in _namespaces(cluster) if name.startswith(prefix)))
    return Life(
        prefix=prefix,
        foreseen=foreseen,
        first=first,
        state=state,
        second=second,
        drift=drift,
        repair=repair,
        refusal=refusal,
        left=left,
        namespaces=namespaces,
    )


def meddle(cluster: Cluster, prefix: str) -> None:
    """Scale a Deployment, open a NetworkPolicy, delete a Service: each by another way than the program."""
    grafana = _object("apps/v1", "Deployment", "grafana", f"{prefix}-monitoring")
    policy = _object("networking.k8s.io/v1", "NetworkPolicy", "gateway", prefix)
    cluster.apply({**grafana, "spec": {"replicas": 3}}, manager=SOMEBODY, force=True)
    cluster.apply({**policy, "spec": {"podSelector": {}, "ingress": [{}]}}, manager=SOMEBODY, force=True)
    cluster.delete(_object("v1", "Service", "gateway", prefix), propagation="Background")


def _object(api_version: str, kind: str, name: str, namespace: str) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}


def _end(environment: Environment) -> str:
    try:
        environment.destroy()
    except CommandFailed as refused:
        environment.destroy("--exclude-protected")
        return str(refused)
    return ""


def _namespaces(cluster: Cluster) -> list[str]:
    return [text_at(object_at(one), "metadata", "name") for one in cluster.list(_NAMESPACE)]
