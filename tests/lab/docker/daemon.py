"""Runs docker, and hands what it has built to a registry or to the lab's containerd."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.lab.docker.images import Image, build_command, login
from tests.lab.engine.refusal import Refused

CONTAINERD = "SOUK_LAB_CONTAINERD"
"""Names the socket of the containerd that a lab's node runs images from."""

_TAIL = 40


class Daemon:
    """Of the environment: DOCKER_HOST says which docker, the lab where images go."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**os.environ, **environment}
        self._containerd = environment.get(CONTAINERD, "")

    def make(self, wanted: Image, tell: Callable[[str], None]) -> str:
        """Build it and bring it where pods find it; `repository@sha256:…`."""
        builder = {} if self._has_buildkit() else {"DOCKER_BUILDKIT": "0"}
        # The lab's own docker has no networks, and a build may need a package registry.
        command = build_command(wanted, network="host" if self._containerd else "")
        self._run(command, {**self._environment, **builder}, tell)
        if self._containerd:
            return self._load(wanted)
        return self._push(wanted, tell) if wanted.is_pushed else self._inspect(wanted, "{{.Id}}")

    def _load(self, wanted: Image) -> str:
        # Docker's own name of what it has built tells whether it was brought here before.
        built = self._inspect(wanted, "{{.Id}}").removeprefix("sha256:")
        loaded = f"{wanted.repository}:{built}"
        digest = self._digest(loaded)
        if digest is None:
            with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
                self._run(["docker", "save", "--output", archive.name, wanted.full_name], self._environment)
                self._ctr("import", archive.name)
            digest = self._digest(wanted.full_name)
            self._ctr("tag", "--force", wanted.full_name, loaded)
            # The kubelet finds an image that is asked for by its digest under a name that has it.
            self._ctr("tag", "--force", wanted.full_name, f"{wanted.repository}@{digest}")
        return f"{wanted.repository}@{digest}"

    def _digest(self, name: str) -> str | None:
        """By which containerd knows an image of this name."""
        listed = " ".join(self._ctr("ls", f"name=={name}")).split()
        return next((word for word in listed if word.startswith("sha256:")), None)

    def _ctr(self, *arguments: str) -> list[str]:
        return self._run(
            ["ctr", "--address", self._containerd, "--namespace", "k8s.io", "images", *arguments], self._environment
        )

    def _push(self, wanted: Image, tell: Callable[[str], None]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            if wanted.user:
                (Path(folder) / "config.json").write_text(login(wanted))
            own = {"DOCKER_CONFIG": folder} if wanted.user else {}
            self._run(["docker", "push", wanted.full_name], {**self._environment, **own}, tell)
        digests: list[str] = json.loads(self._inspect(wanted, "{{json .RepoDigests}}"))
        pushed = [one for one in digests if one.rpartition("@")[0].endswith(wanted.repository.rpartition("/")[2])]
        if not pushed:
            raise Refused(f"docker pushed {wanted.full_name} and knows no digest of it")
        return pushed[-1]

    def _inspect(self, wanted: Image, form: str) -> str:
        return "".join(self._run(["docker", "image", "inspect", "--format", form, wanted.full_name], self._environment))

    def _has_buildkit(self) -> bool:
        asked = ["docker", "buildx", "version"]
        return subprocess.run(asked, env=self._environment, capture_output=True, check=False).returncode == 0

    def _run(
        self, command: Sequence[str], environment: Mapping[str, str], tell: Callable[[str], None] | None = None
    ) -> list[str]:
        """What it prints, line by line; told as it comes. Raises `Refused` with its last words."""
        try:
            process = subprocess.Popen(
                command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except FileNotFoundError as missing:
            raise Refused(f"{command[0]} is not on the PATH") from missing
        lines = []
        with process:
            assert process.stdout
            for line in process.stdout:
                lines.append(line.rstrip())
                if tell:
                    tell(lines[-1])
        if process.returncode:
            raise Refused(f"{' '.join(command[:2])} failed:\n" + "\n".join(lines[-_TAIL:]))
        return lines
