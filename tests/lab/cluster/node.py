"""Starts and ends the one-node Kubernetes of the lab as a whole."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from string import Template

import httpx
import yaml

from tests.lab.cluster import cleaning, files, packages, pki
from tests.lab.cluster.components import Component, components
from tests.lab.cluster.images import Containerd, images
from tests.lab.cluster.places import HTTP_PORT, HTTPS_PORT, NODE, Places
from tests.lab.cluster.processes import Processes
from tests.lab.engine.wire import Object, object_at
from tests.lab.kubernetes import kubeconfig
from tests.lab.kubernetes.awaiting import Patience, until_ready
from tests.lab.kubernetes.cluster import Cluster, ServerRefused
from tests.lab.kubernetes.objects import Kind

_ADDONS = Path(__file__).with_name("addons")
_MANAGER = "souk-lab"
_READY_S = 180.0
_PODS_GONE_S = 60.0
_POD = Kind(api_version="v1", name="Pod")
# What would bring pods back, or bring them to a node, ends before the pods do.
_FIRST_TO_END = ("kube-controller-manager", "kube-scheduler")


class Node:
    """Of one set of places."""

    def __init__(self, places: Places, tell: Callable[[str], None]) -> None:
        self._places = places
        self.tell = tell
        self._processes = Processes(places.run, places.logs)

    def up(self, programs: Path) -> None:
        """Return when the node is ready and so is all that every cluster has. What runs already is left running."""
        packages.provide(packages.NODE, self.tell)
        cleaning.remember(self._places)
        if not self._places.pki.exists():
            pki.make(self._places.pki, datetime.now(UTC))  # noqa: TID251 - certificates are dated by the wall clock.
        files.write(self._places)
        for component in components(self._places, programs):
            self._start(component)
            if component.name == "containerd":
                self._load_images(programs)
        self._wait_for({"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}}, "condition=Ready")
        self.tell("the node is ready")
        self._install_addons()

    def start(self, component: Component) -> None:
        """One more process, such as a docker daemon."""
        self._start(component)

    def down(self) -> None:
        """End all of it and leave the machine as it was."""
        for name in _FIRST_TO_END:
            self._processes.stop(name)
        if self._processes.is_running("kubelet"):
            self._end_pods()
        names = [component.name for component in components(self._places, Path())]
        for name in ("docker", *reversed(names)):
            self._processes.stop(name)
        cleaning.restore(self._places)

    def status(self) -> dict[str, bool]:
        """Which of its processes run."""
        names = [component.name for component in components(self._places, Path())]
        return {name: self._processes.is_running(name) for name in (*names, "docker")}

    def _start(self, component: Component) -> None:
        started = time.monotonic()
        self._processes.start(component.name, component.command)
        self._processes.wait(component.name, component.is_ready, timeout_s=component.timeout_s)
        self.tell(f"{component.name} is ready after {time.monotonic() - started:.1f} s")

    def _load_images(self, programs: Path) -> None:
        busybox = Path(shutil.which("busybox") or "/bin/busybox")
        with tempfile.TemporaryDirectory(dir=self._places.root) as scratch:
            Containerd(self._places.containerd).load(images(programs, busybox), Path(scratch))

    def _install_addons(self) -> None:
        manifests = [one for file in sorted(_ADDONS.glob("*.yaml")) for one in read_addon(file, self._places)]
        # The API server keeps the first connection to an API behind it. Before that API's service has a pod, its
        # address leads out of this machine, where some networks have a proxy that answers for anybody.
        late = [one for one in manifests if one["kind"] == "APIService"]
        for part in ([one for one in manifests if one not in late], late):
            with self._cluster() as cluster:
                for manifest in part:
                    cluster.apply(manifest, manager=_MANAGER, force=True)
            for manifest in part:
                self._wait_for(manifest)
        self.tell("DNS, volumes, metrics and the ingress are ready")

    def _wait_for(self, manifest: Object, asked: str = "") -> None:
        patience = Patience(seconds=_READY_S, is_wanted=lambda: True, tell=lambda _: None)
        with self._cluster() as cluster:
            until_ready(cluster, manifest, patience, asked=asked)

    def _end_pods(self) -> None:
        """So that the kubelet takes their networks and mounts away itself."""
        try:
            with self._cluster() as cluster:
                for pod in cluster.list(_POD):
                    cluster.delete(pod, propagation="Background", grace_s=1)
                deadline = time.monotonic() + _PODS_GONE_S
                while cluster.list(_POD) and time.monotonic() < deadline:
                    time.sleep(0.5)
        except (ServerRefused, httpx.HTTPError) as refused:
            self.tell(f"pods could not be ended in order, so they are killed: {refused}")

    @contextmanager
    def _cluster(self) -> Iterator[Cluster]:
        with kubeconfig.client(kubeconfig.find(str(self._places.kubeconfig), {})) as client:
            yield Cluster(client)


def read_addon(file: Path, places: Places) -> list[Object]:
    """Its objects, with the places filled in."""
    filled = Template(file.read_text()).safe_substitute(
        VOLUMES=str(places.volumes), HTTP=str(HTTP_PORT), HTTPS=str(HTTPS_PORT)
    )
    return [object_at(one) for one in yaml.safe_load_all(filled)]
