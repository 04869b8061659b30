"""What differs between two declarations of an object, and whether that can be changed in place.

Pure: the API server is not asked. It refuses a change of these fields, so the object must be replaced.
"""

from collections.abc import Iterator, Sequence
from enum import Enum

from msgspec import Struct

from tests.lab.engine.wire import Json, Object, object_at, opened_object, text_at
from tests.lab.kubernetes.naming import was_autonamed
from tests.lab.kubernetes.objects import kind_of

Path = tuple[str | int, ...]

_WORKLOAD: Sequence[str] = ("spec.selector",)
_ROLE: Sequence[str] = ("roleRef",)

_IMMUTABLE: dict[tuple[str, str], Sequence[str]] = {
    ("", "PersistentVolume"): ("spec.accessModes", "spec.csi", "spec.hostPath", "spec.local", "spec.nfs"),
    ("", "Service"): ("spec.clusterIP",),
    ("apps", "DaemonSet"): _WORKLOAD,
    ("apps", "Deployment"): _WORKLOAD,
    ("apps", "ReplicaSet"): _WORKLOAD,
    ("apps", "StatefulSet"): (*_WORKLOAD, "spec.podManagementPolicy", "spec.serviceName", "spec.volumeClaimTemplates"),
    ("batch", "Job"): (
        *_WORKLOAD,
        "spec.completionMode",
        "spec.completions",
        "spec.manualSelector",
        "spec.podFailurePolicy",
        "spec.template",
    ),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _ROLE,
    ("rbac.authorization.k8s.io", "RoleBinding"): _ROLE,
    ("scheduling.k8s.io", "PriorityClass"): ("value", "preemptionPolicy"),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
}
# In these all of `spec` is fixed, but for what is named.
_ALL_BUT: dict[tuple[str, str], Sequence[str]] = {
    ("", "PersistentVolumeClaim"): ("spec.resources.requests", "spec.volumeAttributesClassName"),
    ("", "Pod"): ("spec.activeDeadlineSeconds", "spec.tolerations"),
}
# Pods read these when they start: a change takes a new object, unless the stack says that it may be changed in place.
_READ_ONCE: dict[tuple[str, str], Sequence[str]] = {
    ("", "ConfigMap"): ("binaryData", "data", "immutable"),
    ("", "Secret"): ("data", "immutable", "stringData", "type"),
}
_ALWAYS: Sequence[str] = ("kind", "metadata.name", "metadata.namespace")


class Change(Enum):
    """What happened to a field."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Difference(Struct, frozen=True, kw_only=True):
    """One field that differs."""

    path: Path
    change: Change
    replaces: bool

    @property
    def where(self) -> str:
        """`spec.template.spec.containers[0].image`; a key with a dot in it is quoted."""
        return "".join(_step(step) for step in self.path).removeprefix(".")


def differences(old: Object, new: Object, *, mutable: frozenset[str] = frozenset()) -> list[Difference]:
    """Of the inputs of before and now; `mutable` names the kinds among ConfigMap and Secret that change in place."""
    before, after = opened_object(old), opened_object(new)
    fixed = _fixed(before, after, mutable)
    allowed = _ALL_BUT.get(_key(after), ())
    whole = _group(before) != _group(after)
    return [
        Difference(path=path, change=change, replaces=whole or _replaces(path, fixed, allowed))
        for path, change in sorted(_changes(before, after, ()), key=lambda found: [str(step) for step in found[0]])
    ]


def must_go_first(old: Object, new: Object) -> bool:
    """Whether the old object must be deleted before the new one can be made: it has the same name."""
    if was_autonamed(new):
        return False
    before, after = object_at(opened_object(old), "metadata"), object_at(opened_object(new), "metadata")
    return all(text_at(before, key) == text_at(after, key) for key in ("name", "namespace"))


def _fixed(old: Object, new: Object, mutable: frozenset[str]) -> list[tuple[str, ...]]:
    group, kind = _key(new)
    fixed = [*_ALWAYS, *_IMMUTABLE.get((group, kind), ())]
    if kind not in mutable or old.get("immutable") is True:
        fixed += _READ_ONCE.get((group, kind), ())
    if (group, kind) in _ALL_BUT:
        fixed.append("spec")
    return [tuple(path.split(".")) for path in fixed]


def _replaces(path: Path, fixed: Sequence[tuple[str, ...]], allowed: Sequence[str]) -> bool:
    # A change above a fixed field changes it too: a spec that goes altogether takes its selector along.
    touched = any(path[: len(one)] == one[: len(path)] for one in fixed)
    free = any(path[: len(steps)] == steps for steps in (tuple(one.split(".")) for one in allowed))
    return touched and not free


def _key(manifest: Object) -> tuple[str, str]:
    return kind_of(manifest).group, kind_of(manifest).name


def _group(manifest: Object) -> str:
    return kind_of(manifest).group


def _changes(old: Json, new: Json, path: Path) -> Iterator[tuple[Path, Change]]:
    if not isinstance(old, dict | list) or type(old) is not type(new):
        if old != new:
            yield path, Change.CHANGED
        return
    one, other = dict(_members(old)), dict(_members(new))
    for key in {*one, *other}:
        if key not in one:
            yield (*path, key), Change.ADDED
        elif key not in other:
            yield (*path, key), Change.REMOVED
        else:
            yield from _changes(one[key], other[key], (*path, key))


def _members(value: Json) -> list[tuple[str | int, Json]]:
    if isinstance(value, dict):
        return [*value.items()]
    return [*enumerate(value)] if isinstance(value, list) else []


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f'["{step}"]' if "." in step else f".{step}"
