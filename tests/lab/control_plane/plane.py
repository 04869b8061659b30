"""A Kubernetes of its API alone: everything that is declared is checked, stored and reconciled, and no pod ever runs.

Nodes, pods, volumes and addresses are played by kwok (`simulated/`). It needs no rights, lives in one folder, and any
number of them can run side by side.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tests.lab.building.build import Builder
from tests.lab.building.pins import CONTROL_PLANE
from tests.lab.cluster import pki
from tests.lab.cluster.components import Component
from tests.lab.cluster.files import write_kubeconfig
from tests.lab.cluster.processes import Processes
from tests.lab.control_plane import components
from tests.lab.control_plane.components import Ground, free_ports
from tests.lab.control_plane.definitions import definitions
from tests.lab.engine.wire import Object, object_at
from tests.lab.kubernetes import kubeconfig
from tests.lab.kubernetes.awaiting import Patience, until_ready
from tests.lab.kubernetes.cluster import Cluster

_SIMULATED = Path(__file__).with_name("simulated")
_MANAGER = "souk-lab"
_ESTABLISHED_S = 60.0


class ControlPlane:
    """Of one folder."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._processes = Processes(ground.folder / "run", ground.folder / "log")

    @property
    def kubeconfig(self) -> Path:
        return self._ground.kubeconfig

    def up(self, kinds: Sequence[Object]) -> None:
        """Return when it knows these definitions and pods can be scheduled."""
        ground = self._ground
        pki.make(ground.pki, datetime.now(UTC))  # noqa: TID251 - certificates are dated by the wall clock.
        write_kubeconfig(ground.kubeconfig, ground.url, ground.pki)
        for start in (components.store, components.api_server):
            self._start(start(ground))
        later = [components.controllers(ground), components.scheduler(ground)]
        for component in later:
            self._processes.start(component.name, component.command)
        with self.cluster() as cluster:
            for manifest in (*kinds, *_objects(_SIMULATED / "furniture.yaml")):
                cluster.apply(manifest, manager=_MANAGER, force=True)
            for kind in kinds:
                until_ready(
                    cluster, kind, Patience(seconds=_ESTABLISHED_S, is_wanted=lambda: True, tell=lambda _: None)
                )
        for component in (*later, components.simulation(ground, _SIMULATED / "stages.yaml")):
            self._start(component)

    def down(self) -> None:
        """End its processes; what they kept stays in the folder."""
        for name in ("kwok", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd"):
            self._processes.stop(name)

    @contextmanager
    def cluster(self) -> Iterator[Cluster]:
        """A client of its API."""
        with kubeconfig.client(kubeconfig.find(str(self.kubeconfig), {})) as client:
            yield Cluster(client)

    def _start(self, component: Component) -> None:
        self._processes.start(component.name, component.command)
        self._processes.wait(component.name, component.is_ready, timeout_s=component.timeout_s)


@contextmanager
def control_plane(environment: Mapping[str, str], tell: Callable[[str], None]) -> Iterator[ControlPlane]:
    """Built if need be, running, with the definitions of every operator that the stacks know; gone afterwards."""
    programs = Builder(environment, tell, CONTROL_PLANE).build(CONTROL_PLANE)
    kinds = definitions(environment, tell)
    with tempfile.TemporaryDirectory(prefix="souk-control-plane-") as folder:
        plane = ControlPlane(Ground(folder=Path(folder), programs=programs, ports=free_ports()))
        try:
            plane.up(kinds)
            yield plane
        finally:
            plane.down()


def _objects(file: Path) -> list[Object]:
    return [object_at(one) for one in yaml.safe_load_all(file.read_text())]
