"""A docker daemon for machines that run none, and the images that builds start from where no registry can be reached.

What was built is kept in the cache, so that a lab that is made anew builds only what has changed.
"""

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
BUILD = "docker.io/souk-lab/build:1"
"""The same, with pip and what strips libraries."""

_INSIDE = "python3,python3-venv,ca-certificates"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_TOOLS: Mapping[str, str] = {"mmdebstrap": "mmdebstrap"}
_BUILD = f"""FROM {BASE}
RUN apt-get update \\
    && apt-get install --no-install-recommends --yes binutils python3-pip \\
    && rm -rf /var/lib/apt/lists/*
"""


def is_running(environment: Mapping[str, str]) -> bool:
    """Whether there is a daemon that this account may use."""
    if shutil.which("docker", path=environment.get("PATH")) is None:
        return False
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(asked, env={**environment}, capture_output=True, check=False, timeout=30).returncode == 0


def provide(node: Node, places: Places, cache: Path) -> None:
    """Start a daemon of the lab's own."""
    packages.provide(packages.DOCKER, node.tell)
    node.start(docker(places, cache / "docker"))


def provide_bases(environment: Mapping[str, str], cache: Path, tell: Callable[[str], None]) -> None:
    """Have the images to build on."""
    if not has_image(BASE, environment):
        _docker(environment, "import", str(_debian(cache, tell)), BASE)
    if not has_image(BUILD, environment):
        tell("making an image to build in, from Debian packages")
        _docker(environment, "build", "--network=host", f"--tag={BUILD}", "-", given=_BUILD)


def has_image(name: str, environment: Mapping[str, str]) -> bool:
    """Whether the daemon has it."""
    asked = ["docker", "image", "inspect", name]
    return subprocess.run(asked, env={**environment}, capture_output=True, check=False).returncode == 0


def _docker(environment: Mapping[str, str], *arguments: str, given: str = "") -> None:
    plain = {**environment, "DOCKER_BUILDKIT": "0"}
    subprocess.run(["docker", *arguments], env=plain, input=given, text=True, capture_output=True, check=True)


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
