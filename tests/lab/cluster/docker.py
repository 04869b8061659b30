"""A docker daemon for machines that run none, and the image that builds start from where no registry can be reached."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.lab.cluster import packages
from tests.lab.cluster.components import docker
from tests.lab.cluster.node import Node
from tests.lab.cluster.places import Places

BASE = "docker.io/souk-lab/base:1"
"""Debian with Python, and the certificates that this machine trusts: what package registries are reached by."""

_INSIDE = "python3,python3-venv,ca-certificates"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_TOOLS: Mapping[str, str] = {"mmdebstrap": "mmdebstrap"}


def is_running(environment: Mapping[str, str]) -> bool:
    """Whether there is a daemon that this account may use."""
    if shutil.which("docker", path=environment.get("PATH")) is None:
        return False
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(asked, env={**environment}, capture_output=True, check=False, timeout=30).returncode == 0


def provide(node: Node, places: Places, cache: Path, tell: Callable[[str], None]) -> None:
    """Start a daemon of the lab's own, with the image to build on."""
    packages.provide(packages.DOCKER, tell)
    node.start(docker(places))
    environment = {**os.environ, "DOCKER_HOST": f"unix://{places.docker}"}
    asked = ["docker", "image", "inspect", BASE]
    if subprocess.run(asked, env=environment, capture_output=True, check=False).returncode:
        archive = _debian(cache, tell)
        subprocess.run(["docker", "import", str(archive), BASE], env=environment, capture_output=True, check=True)


def _debian(cache: Path, tell: Callable[[str], None]) -> Path:
    """Made once and kept, as a layer of files."""
    archive = cache / "debian-bookworm.tar"
    if archive.exists():
        return archive
    packages.provide(_TOOLS, tell)
    tell("making an image to build on, from Debian packages")
    making = archive.with_suffix(".making.tar")
    hook = f"--customize-hook=copy-in {_CERTIFICATES} {_CERTIFICATES.parent}"
    options = ["--quiet", "--variant=minbase", f"--include={_INSIDE}", *([hook] if _CERTIFICATES.exists() else [])]
    subprocess.run(["nice", "mmdebstrap", *options, "bookworm", str(making)], check=True, capture_output=True)
    return making.rename(archive)
