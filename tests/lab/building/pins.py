"""Which programs the lab builds from Go modules, and at which versions.

The modules themselves, with the checksums of everything they stand on, are in `tests/lab/modules`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

MODULES = Path(__file__).parents[1] / "modules"

KUBERNETES = "1.34.4"
PULUMI = "3.259.0"

_VERSION = "k8s.io/component-base/version"
_STAMP = f"-X {_VERSION}.gitVersion=v{KUBERNETES} -X {_VERSION}.gitMajor=1 -X {_VERSION}.gitMinor=34"


class Program(Struct, frozen=True, kw_only=True):
    """One program."""

    name: str
    folder: str
    """In `tests/lab/modules`: pins the module."""
    package: str
    stamp: str = ""
    """Linker flags that write the version into it."""
    tags: str = ""
    """Of what is compiled, where a program can be had without its larger parts."""


def _kubernetes(name: str) -> Program:
    return Program(name=name, folder="kubernetes", package=f"k8s.io/kubernetes/cmd/{name}", stamp=_STAMP)


_WITHOUT_NODES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")

ENGINE: Sequence[Program] = (
    Program(
        name="pulumi",
        folder="pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        stamp=f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PULUMI}",
    ),
)
CLUSTER: Sequence[Program] = (
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-scheduler"),
    _kubernetes("kubelet"),
    _kubernetes("kube-proxy"),
    _kubernetes("kubectl"),
    # Its checksum is in no public log of checksums: what go.sum says is what was seen when it was pinned.
    Program(
        name="kube-router", folder="kube-router", package="github.com/cloudnativelabs/kube-router/v2/cmd/kube-router"
    ),
    Program(name="coredns", folder="coredns", package="github.com/coredns/coredns"),
    Program(
        name="local-path-provisioner",
        folder="local-path-provisioner",
        package="github.com/rancher/local-path-provisioner",
    ),
    Program(name="metrics-server", folder="metrics-server", package="sigs.k8s.io/metrics-server/cmd/metrics-server"),
    # Written here: see the programs themselves.
    Program(name="ingress", folder="ingress", package="."),
    Program(name="pause", folder="pause", package="."),
)
NODE = (*ENGINE, *CLUSTER)
STORES: Sequence[Program] = (
    # Written here: see the program itself.
    Program(name="minio", folder="objects", package="."),
    # Debian's is built without the discovery of pods.
    Program(
        name="prometheus",
        folder="prometheus",
        package="github.com/prometheus/prometheus/cmd/prometheus",
        tags="remove_all_sd,enable_kubernetes_sd",
    ),
)
"""What pods of Souk run that no Debian package has."""

# Nodes and pods of this one are simulated: it runs as any user, and starts in seconds.
CONTROL_PLANE: Sequence[Program] = (
    *(program for program in CLUSTER if program.name in _WITHOUT_NODES),
    Program(name="etcd", folder="etcd", package="go.etcd.io/etcd/server/v3"),
    Program(name="kwok", folder="kwok", package="sigs.k8s.io/kwok/cmd/kwok"),
)


def pins(programs: Sequence[Program] = NODE, modules: Path = MODULES) -> str:
    """Another value whenever anything of these would be built differently."""
    found = hashlib.sha256(repr([*programs]).encode())
    folders = {program.folder for program in programs}
    for path in sorted(modules.rglob("*")):
        if path.is_file() and path.relative_to(modules).parts[0] in folders:
            found.update(str(path.relative_to(modules)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]
