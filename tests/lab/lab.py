"""The lab as a whole: a cluster and an engine, begged, borrowed or built. `python -m tests.lab` is its command line."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.lab.building.build import Builder, cache_folder
from tests.lab.building.pins import CLUSTER, ENGINE, Program
from tests.lab.cluster import docker
from tests.lab.cluster.node import Node
from tests.lab.cluster.places import Places
from tests.lab.engine.plugins import assemble, official_cli, pulumi_home

GIVEN = "SOUK_LAB_KUBECONFIG"
"""Names the kubeconfig of a cluster to use instead of building one. A cluster is never used without being named."""


class LabImpossible(Exception):
    """This machine, or this account, cannot run the lab; says what can be done."""


class Lab:
    """Of one environment: whoever asks with the same one finds the same lab."""

    def __init__(self, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._environment = environment
        self._tell = tell
        self._given = environment.get(GIVEN, "")
        self.places = Places(cache_folder(environment) / "given") if self._given else Places()

    @property
    def is_given(self) -> bool:
        """Whether the cluster is somebody else's."""
        return bool(self._given)

    def up(self) -> None:
        """Return when a Pulumi program can be run against the cluster."""
        with self._alone():
            self._up()

    def down(self) -> None:
        """End what `up` started and leave the machine as it was; the built programs stay in the cache."""
        with self._alone():
            if self._given:
                shutil.rmtree(self.places.root, ignore_errors=True)
            else:
                self._node().down()

    def status(self) -> dict[str, bool]:
        """Which processes of the lab run; none where the cluster is a given one."""
        return {} if self._given else self._node().status()

    def variables(self) -> dict[str, str]:
        """What a shell, or a test, needs to work in the lab."""
        own = {
            "KUBECONFIG": self._given or str(self.places.kubeconfig),
            "PATH": f"{self.places.bin}{os.pathsep}{self._environment.get('PATH', os.defpath)}",
            "PULUMI_BACKEND_URL": f"file://{self._stacks()}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self._passphrase()),
            "PULUMI_HOME": str(self._home()),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        containers = {} if self._given else {"SOUK_LAB_CONTAINERD": str(self.places.containerd)}
        docker = {"DOCKER_HOST": f"unix://{self.places.docker}"} if self.places.docker.exists() else {}
        return own | containers | docker

    def _up(self) -> None:
        if not self._given:
            self._may_run_a_node()
        programs = Builder(self._environment, self._tell).build(self._wanted())
        if not self._given:
            self._node().up(programs)
            self._provide_docker()
        self._link(programs)
        assemble(self.places.bin, self._pulumi(programs), self._home(), self._tell)
        for folder in (self._home(), self._stacks()):
            folder.mkdir(parents=True, exist_ok=True)
        if not self._passphrase().exists():
            self._passphrase().write_text(secrets.token_hex(16))
            self._passphrase().chmod(0o600)

    def _provide_docker(self) -> None:
        cache = cache_folder(self._environment)
        if not docker.is_running(self._environment):
            docker.provide(self._node(), self.places, cache)
        docker.provide_bases({**os.environ, **self._environment, **self.variables()}, cache, self._tell)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time: whoever comes second waits for the first."""
        cache = cache_folder(self._environment)
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _may_run_a_node(self) -> None:
        if os.uname().sysname != "Linux" or os.geteuid() != 0:
            raise LabImpossible(
                f"a Kubernetes of its own the lab runs as root on Linux alone; with {GIVEN}=PATH it uses another, "
                "such as one made by kind or minikube"
            )

    def _wanted(self) -> Sequence[Program]:
        engine = () if official_cli(self.places.bin) else ENGINE
        tools = [program for program in CLUSTER if program.name == "kubectl" and not shutil.which("kubectl")]
        return [*engine, *(tools if self._given else CLUSTER)]

    def _link(self, programs: Path) -> None:
        """Kubectl of the cluster's own version, whatever else is on the PATH."""
        self.places.bin.mkdir(parents=True, exist_ok=True)
        link = self.places.bin / "kubectl"
        link.unlink(missing_ok=True)
        if (programs / "kubectl").exists():
            link.symlink_to(programs / "kubectl")

    def _pulumi(self, programs: Path) -> Path:
        return official_cli(self.places.bin) or programs / "pulumi"

    def _home(self) -> Path:
        return pulumi_home(self._environment, self.places.root / "pulumi")

    def _stacks(self) -> Path:
        return self.places.root / "stacks"

    def _passphrase(self) -> Path:
        return self.places.root / "passphrase"

    def _node(self) -> Node:
        return Node(self.places, self._tell)
