"""Every object of the variants of stacks, against the schemas of Kubernetes and of the operators; those of the stacks
themselves are made for real: see `test_lives`.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.infra.engine import Declared
from tests.lab.control_plane.plane import ControlPlane
from tests.lab.engine.wire import Json, Object, object_at, text_at
from tests.lab.kubernetes.cluster import Cluster, ServerRefused
from tests.stacks.test_safe import made
from tests.stacks.variants import variant

pytestmark = pytest.mark.engine

OPERATED = {
    "AnalysisTemplate",
    "AuthorizationPolicy",
    "Cluster",
    "Elasticsearch",
    "ExternalSecret",
    "Gateway",
    "HTTPRoute",
    "PeerAuthentication",
    "PodMonitor",
    "PrometheusRule",
    "RabbitmqCluster",
    "RedisReplication",
    "RedisSentinel",
    "Rollout",
    "Sidecar",
    "VerticalPodAutoscaler",
}
"""Kinds that no Kubernetes has by itself, beyond those that the stacks make for real."""


@pytest.fixture(scope="module")
def manifests() -> list[Object]:
    """Each once, however many stacks declare it."""
    found = {json.dumps(one.inputs, sort_keys=True) for one in _objects()}
    loaded: list[Json] = [json.loads(text) for text in sorted(found)]
    return [object_at(one) for one in loaded]


@pytest.fixture(scope="module")
def furnished(plane: ControlPlane, manifests: list[Object]) -> Iterator[Cluster]:
    """With the namespaces that they are in, which a dry run does not make."""
    namespaces = {text_at(one, "metadata", "namespace") for one in manifests} - {""}
    with plane.cluster() as cluster:
        needed: list[Object] = [_namespace(name) for name in sorted(namespaces)]
        for one in needed:
            cluster.apply(one, manager="test")
        yield cluster
        for one in needed:
            cluster.delete(one, propagation="Background")


def test_an_api_server_takes_every_object_as_it_is(furnished: Cluster, manifests: list[Object]) -> None:
    with ThreadPoolExecutor(4) as pool:
        refusals = [refusal for refusal in pool.map(lambda one: _refusal(furnished, one), manifests) if refusal]

    assert refusals == []


def test_every_kind_that_an_operator_brings_is_among_them(manifests: list[Object]) -> None:
    assert {text_at(one, "kind") for one in manifests} >= OPERATED


def test_a_field_that_an_operator_does_not_know_is_refused(furnished: Cluster, manifests: list[Object]) -> None:
    cluster = next(one for one in manifests if text_at(one, "kind") == "Cluster")
    wrong: Object = {**cluster, "spec": {**object_at(cluster, "spec"), "instanses": 3}}

    assert "instanses" in _refusal(furnished, wrong)


VARIANTS = (
    "a gateway with a given certificate",
    "blue and green",
    "in a mesh",
    "memory that follows use",
    "registries that want a login",
    "snapshots",
)


def _objects() -> Iterator[Declared]:
    for name in VARIANTS:
        yield from variant(name).objects()
    for case in ("operators", "certified"):
        yield from made(case).objects()


def _namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _refusal(cluster: Cluster, manifest: Object) -> str:
    """Empty where there is none."""
    try:
        cluster.apply(manifest, manager="test", dry_run=True)
    except ServerRefused as refused:
        return f"{text_at(manifest, 'kind')} {text_at(manifest, 'metadata', 'name')}: {refused.message}"
    return ""
