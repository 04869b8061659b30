"""A server of compose.yaml in a project of its own, for machines that have docker and not the program."""

import os
import shutil
import subprocess
from itertools import count
from pathlib import Path

from tests.servers.binaries import ServerMissing
from tests.servers.ports import free_port
from tests.servers.program import ServerFailed
from tests.servers.run import Run

_FILE = Path(__file__).parents[2] / "compose.yaml"
_NUMBERS = count(1)
_UP_S = 600.0
"""Long, since the first start pulls the image."""


def check_docker(path: str | None = None) -> str:
    """The docker that can run compose files now. Raises `ServerMissing`."""
    docker = shutil.which("docker", path=path)
    if docker is None:
        raise ServerMissing("docker is not on the PATH either.")
    for question in (["compose", "version"], ["info"]):
        asked = subprocess.run([docker, *question], capture_output=True, check=False, timeout=60)
        if asked.returncode:
            raise ServerMissing(f"`docker {' '.join(question)}` does not work here either.")
    return docker


class Composed:
    """One service of the file, on a private port; `url` gets that port filled in, `docker` is the program."""

    def __init__(self, run: Run, service: str, url: str, *, docker: str) -> None:
        port = free_port()
        self.url = url.format(port=port)
        self._service = service
        project = f"{run.root.name}-{next(_NUMBERS)}".lower()
        self._compose = [docker, "compose", "--file", str(_FILE), "--project-name", project]
        self._environment = {**os.environ, f"SOUK_{service.upper()}_PORT": str(port)}
        run.finally_run([*self._compose, "down", "--volumes", "--timeout", "1"])

    def start(self) -> None:
        """Return when docker finds it healthy."""
        self._ask("up", "--detach", "--wait", self._service)

    def kill(self) -> None:
        """SIGKILL to the container."""
        self._ask("kill", self._service)

    def stop(self) -> None:
        """SIGTERM to the container; its volume stays."""
        self._ask("stop", self._service)

    def _ask(self, *words: str) -> None:
        command = [*self._compose, *words]
        asked = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, timeout=_UP_S
        )
        if asked.returncode:
            raise ServerFailed(f"{' '.join(command)} failed:\n{asked.stderr}")
