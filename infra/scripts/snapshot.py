"""Takes a snapshot of every bound claim of its own namespace, waits until each can be used, and removes what is beyond
the newest $KEEP of each claim. Run in a pod; the standard library is all it has.
"""

import json
import os
import ssl
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
CLAIMS = "api/v1/namespaces/{}/persistentvolumeclaims"
SNAPSHOTS = "apis/snapshot.storage.k8s.io/v1/namespaces/{}/volumesnapshots"
OURS = "app.kubernetes.io/managed-by=souk-snapshots"
PATIENCE_S = 1800.0
PAUSE_S = 5.0
REQUEST_S = 30.0

Found = dict[str, object]


class Api(Protocol):
    """Of the cluster: JSON in, JSON out."""

    def __call__(self, method: str, path: str, body: Found | None = None) -> Found:
        """Raises `OSError` for whatever is refused."""


class NotReady(Exception):
    """A snapshot that cannot be used."""


def snapshot(api: Api, settings: Mapping[str, str], stamp: str) -> list[str]:
    """The names of those that were taken. Raises `NotReady`; then nothing is removed."""
    space = settings["NAMESPACE"]
    claims = [_name(one) for one in _items(api("GET", CLAIMS.format(space))) if _at(one, "status", "phase") == "Bound"]
    names = [_take(api, settings, claim, f"{claim}-{stamp}") for claim in claims]
    for name in names:
        _wait(api, f"{SNAPSHOTS.format(space)}/{name}")
    for claim in claims:
        _forget(api, space, claim, keep=int(settings["KEEP"]))
    return names


def _take(api: Api, settings: Mapping[str, str], claim: str, name: str) -> str:
    key, _, value = OURS.partition("=")
    spec = {"volumeSnapshotClassName": settings["SNAPSHOT_CLASS"], "source": {"persistentVolumeClaimName": claim}}
    metadata = {"name": name, "labels": {key: value, "app.kubernetes.io/instance": claim}}
    kind = {"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot"}
    api("POST", SNAPSHOTS.format(settings["NAMESPACE"]), {**kind, "metadata": metadata, "spec": spec})
    return name


def _wait(api: Api, path: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not _at(found := api("GET", path), "status", "readyToUse"):
        error = _at(found, "status", "error", "message")
        if error or time.monotonic() > until:
            raise NotReady(f"{path}: {error or 'not ready in time'}")
        time.sleep(PAUSE_S)


def _forget(api: Api, space: str, claim: str, *, keep: int) -> None:
    """Names end with the time, so that they sort by age."""
    chosen = f"{SNAPSHOTS.format(space)}?labelSelector={OURS},app.kubernetes.io/instance={claim}"
    usable = sorted(_name(one) for one in _items(api("GET", chosen)) if _at(one, "status", "readyToUse"))
    for name in usable[:-keep]:
        api("DELETE", f"{SNAPSHOTS.format(space)}/{name}")


def _items(listed: Found) -> list[Found]:
    items = listed["items"]
    return items if isinstance(items, list) else []


def _name(one: Found) -> str:
    return str(_at(one, "metadata", "name"))


def _at(one: object, *path: str) -> object:
    for step in path:
        one = one.get(step) if isinstance(one, dict) else None
    return one


def in_cluster(host: str, port: str) -> Api:
    """As the pod's own account."""
    trusted = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))

    def ask(method: str, path: str, body: Found | None = None) -> Found:
        token = (ACCOUNT / "token").read_text()  # The kubelet renews it.
        request = urllib.request.Request(
            f"https://{host}:{port}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, context=trusted, timeout=REQUEST_S) as answer:  # noqa: S310 - as above.
            found: Found = json.load(answer)
            return found

    return ask


if __name__ == "__main__":
    cluster = in_cluster(os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"])
    taken = snapshot(cluster, os.environ, time.strftime("%Y%m%dt%H%M%Sz", time.gmtime()))
    sys.stdout.write("".join(f"{name} can be used\n" for name in taken))
