"""Waits until an object is ready or gone, asking the API server again and again. The rules are in `verdicts`."""

import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from tests.lab.engine.wire import Object, object_at, text_at
from tests.lab.kubernetes.cluster import Cluster, ServerRefused
from tests.lab.kubernetes.objects import TIMEOUT_SECONDS, Kind, annotation, kind_of, name_of, namespace_of
from tests.lab.kubernetes.verdicts import State, verdict

_USUAL_S = 600.0
_FIRST_POLL_S = 0.2
_LAST_POLL_S = 2.0

_POD = Kind(api_version="v1", name="Pod")
_SLICE = Kind(api_version="discovery.k8s.io/v1", name="EndpointSlice")
_WORKLOADS = frozenset({"DaemonSet", "Deployment", "Job", "StatefulSet"})


class NotReady(Exception):
    """The object is there, and not as it should be; carries it, so that the engine records what there is."""

    def __init__(self, reason: str, live: Object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.live = live


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait, and what may end the waiting early."""

    seconds: float
    is_wanted: Callable[[], bool]
    tell: Callable[[str], None]


def seconds(manifest: Object, asked_s: float) -> float:
    """The program's own timeout of the resource, else that of its annotation, else ten minutes."""
    noted = annotation(manifest, TIMEOUT_SECONDS)
    return asked_s or (float(noted) if noted.replace(".", "", 1).isdigit() else _USUAL_S)


def until_ready(cluster: Cluster, manifest: Object, patience: Patience, asked: str = "") -> Object:
    """The object as it is when it is ready, or what is `asked` holds; raises `NotReady`."""
    live = cluster.get(manifest)
    deadline, pause_s, told = time.monotonic() + patience.seconds, _FIRST_POLL_S, ""
    while (found := verdict(live, _related(cluster, live), asked)).state is State.WAITING:
        if time.monotonic() > deadline or not patience.is_wanted():
            raise NotReady(f"not ready after {patience.seconds:.0f} s: {found.reason}", live)
        if found.reason != told:
            told = found.reason
            patience.tell(told)
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.3, _LAST_POLL_S)
        live = _again(cluster, live)
    if found.state is State.FAILED:
        raise NotReady(found.reason, live)
    return live


def until_gone(cluster: Cluster, manifest: Object, patience: Patience) -> None:
    """Return when the object is there no more, or another of its name is; raises `NotReady`."""
    first, pause_s = _live(cluster, manifest), _FIRST_POLL_S
    live, deadline = first, time.monotonic() + patience.seconds
    while live is not None and first is not None and _uid(live) == _uid(first):
        if time.monotonic() > deadline or not patience.is_wanted():
            holds = object_at(live, "metadata").get("finalizers")
            raise NotReady(f"still there after {patience.seconds:.0f} s; its finalizers: {holds}", live)
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.3, _LAST_POLL_S)
        live = _live(cluster, manifest)


def _related(cluster: Cluster, live: Object) -> Sequence[Object]:
    kind, namespace = kind_of(live).name, namespace_of(live)
    if kind in _WORKLOADS:
        return _pods(cluster, live)
    if kind == "Service" and object_at(live, "spec", "selector"):
        return cluster.select(_SLICE, namespace, {"kubernetes.io/service-name": name_of(live)})
    if kind == "PersistentVolumeClaim" and text_at(live, "spec", "storageClassName"):
        return _storage_class(cluster, text_at(live, "spec", "storageClassName"))
    return ()


def _pods(cluster: Cluster, live: Object) -> Sequence[Object]:
    labels = object_at(live, "spec", "selector", "matchLabels")
    # Pods on their way out belong to the version of before; their troubles are not this update's.
    found = cluster.select(_POD, namespace_of(live), labels) if labels else ()
    return [pod for pod in found if not text_at(pod, "metadata", "deletionTimestamp")]


def _storage_class(cluster: Cluster, name: str) -> Sequence[Object]:
    found = _live(cluster, {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}})
    return [found] if found else ()


def _again(cluster: Cluster, live: Object) -> Object:
    try:
        return cluster.get(live)
    except ServerRefused as refused:
        if refused.is_missing:
            raise NotReady("it was deleted while it was waited for", live) from refused
        raise


def _live(cluster: Cluster, manifest: Object) -> Object | None:
    try:
        return cluster.get(manifest)
    except ServerRefused as refused:
        if refused.is_missing:
            return None
        raise


def _uid(live: Object) -> str:
    return text_at(live, "metadata", "uid")
