"""The programs of a node that Debian packages: which are here, and installing those that are not."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

NODE: Mapping[str, str] = {
    "busybox": "busybox-static",
    "conntrack": "conntrack",
    "containerd": "containerd",
    "etcd": "etcd-server",
    "ip": "iproute2",
    "ipset": "ipset",
    "iptables": "iptables",
    "runc": "runc",
}
DOCKER: Mapping[str, str] = {"dockerd": "docker.io"}
_NETWORK_PLUGINS = (Path("/usr/lib/cni/bridge"), Path("/opt/cni/bin/bridge"))
# Where a user's PATH often does not lead.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class PackagesMissing(Exception):
    """What the lab runs is not on this machine; says what to install."""


def provide(programs: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """Have all of these, by apt where they are lacking. Raises `PackagesMissing`."""
    wanted = missing(programs)
    if not wanted:
        return
    if shutil.which("apt-get") is None:
        raise PackagesMissing(f"the lab needs these programs, by their Debian packages: {', '.join(wanted)}")
    tell(f"installing {', '.join(wanted)}")
    _apt("update")
    done = _apt("install", "--yes", "--no-install-recommends", *wanted)
    if missing(programs):
        raise PackagesMissing(f"{', '.join(missing(programs))} could not be installed:\n{done.stdout}{done.stderr}")


def missing(programs: Mapping[str, str]) -> list[str]:
    """The packages of those that are not here; the plugins of containers' networks go with any node."""
    lacking = {package for program, package in programs.items() if shutil.which(program, path=_PATH) is None}
    if programs is NODE and not any(path.exists() for path in _NETWORK_PLUGINS):
        lacking.add("containernetworking-plugins")
    return sorted(lacking)


def _apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Run level 1 keeps packages from starting their own servers.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = ["apt-get", *arguments]
    return subprocess.run(command, env=quiet, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
