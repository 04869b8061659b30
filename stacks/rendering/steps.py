"""In which order a stack's objects are applied, and with which notes to Argo CD and Flux.

Each step is a folder, a sync wave of Argo CD's and a Kustomization of Flux's: it starts when the one before it is well.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from infra.labels import PREFIX
from stacks.rendering.values import Unrenderable

Manifest = dict[str, object]

STEPS = ("namespaces", "configuration", "stores", "databases", "migrations", "services", "edge")

_BY_KIND: Mapping[str, str] = {
    "Namespace": "namespaces",
    "PriorityClass": "namespaces",
    "AuthorizationPolicy": "configuration",
    "ConfigMap": "configuration",
    "ExternalSecret": "configuration",
    "LimitRange": "configuration",
    "NetworkPolicy": "configuration",
    "PeerAuthentication": "configuration",
    "ResourceQuota": "configuration",
    "Role": "configuration",
    "RoleBinding": "configuration",
    "Service": "configuration",
    "ServiceAccount": "configuration",
    "Sidecar": "configuration",
    "Cluster": "stores",
    "Elasticsearch": "stores",
    "PersistentVolumeClaim": "stores",
    "RabbitmqCluster": "stores",
    "RedisReplication": "stores",
    "RedisSentinel": "stores",
    "StatefulSet": "stores",
    "Certificate": "edge",
    "Gateway": "edge",
    "HTTPRoute": "edge",
    "Ingress": "edge",
}
"""Whatever is not named here is applied with the services."""

KEPT = frozenset(
    {"Namespace", "PersistentVolumeClaim", "StatefulSet", "Cluster", "RabbitmqCluster", "RedisReplication"}
)
"""What nobody removes by removing a file."""

PULUMI = "pulumi.com/"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A manifest, where it is written."""

    path: str
    """`2-stores/statefulset-souk-data-postgres.yaml`."""
    manifest: Manifest


def arrange(manifests: Iterable[Manifest], *, keep: bool) -> list[Placed]:
    """Sorted by path. `keep`: data and namespaces outlive their files. Raises `Unrenderable` for a plain Secret."""
    placed = sorted((_place(one, keep=keep) for one in manifests), key=lambda one: one.path)
    for before, after in pairwise(placed):
        if before.path == after.path:
            raise Unrenderable(f"two objects would be {after.path}")
    return placed


def step_of(manifest: Manifest) -> int:
    """Its place in `STEPS`."""
    kind = str(manifest["kind"])
    if kind == "Job":
        component = _mapping(_metadata(manifest).get("labels")).get(f"{PREFIX}/component")
        return STEPS.index("databases" if component == "databases" else "migrations")
    return STEPS.index(_BY_KIND.get(kind, "services"))


def folder(step: int) -> str:
    """Folders sort as the steps do."""
    return f"{step}-{STEPS[step]}"


def _place(manifest: Manifest, *, keep: bool) -> Placed:
    kind, metadata = str(manifest["kind"]), _metadata(manifest)
    if kind == "Secret":
        raise Unrenderable(f"the Secret {metadata['name']} would be written in plain text")
    step = step_of(manifest)
    name = "-".join(str(part) for part in (kind.lower(), metadata.get("namespace"), metadata["name"]) if part)
    noted = {**_mapping(metadata.get("annotations")), **dict(_notes(kind, step, keep=keep))}
    annotations = {key: text for key, text in noted.items() if not key.startswith(PULUMI)}
    placed = {**manifest, "metadata": {**metadata, "annotations": annotations}}
    return Placed(path=f"{folder(step)}/{name}.yaml", manifest=placed)


def _notes(kind: str, step: int, *, keep: bool) -> Iterator[tuple[str, str]]:
    yield "argocd.argoproj.io/sync-wave", str(step)
    if keep and kind in KEPT:
        yield "argocd.argoproj.io/sync-options", "Prune=false,Delete=false"
        yield "kustomize.toolkit.fluxcd.io/prune", "disabled"


def _metadata(manifest: Manifest) -> dict[str, object]:
    return _mapping(manifest["metadata"])


def _mapping(value: object) -> dict[str, object]:
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}
