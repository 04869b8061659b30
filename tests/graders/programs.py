"""Which programs grade, at which versions, and where they are once they are built."""

import os
from collections.abc import Sequence
from pathlib import Path

from tests.lab.building.build import programs_folder
from tests.lab.building.pins import Program

GRADERS: Sequence[Program] = (
    Program(name="kubeconform", folder="kubeconform", package="github.com/yannh/kubeconform/cmd/kubeconform"),
    Program(name="kube-score", folder="kube-score", package="github.com/zegl/kube-score/cmd/kube-score"),
    # Written here, around Kubernetes' own evaluator of the Pod Security Standards.
    Program(name="pod-security", folder="pod-security", package="."),
    Program(name="amtool", folder="amtool", package="github.com/prometheus/alertmanager/cmd/amtool"),
    # Of the clouds that Prometheus can discover it needs none.
    Program(
        name="promtool",
        folder="promtool",
        package="github.com/prometheus/prometheus/cmd/promtool",
        tags="remove_all_sd,enable_kubernetes_sd",
    ),
    Program(name="crane", folder="crane", package="github.com/google/go-containerregistry/cmd/crane"),
)


class GraderMissing(Exception):
    """The message says how to get it."""


def program(name: str) -> Path:
    """One of those above. Raises `GraderMissing`."""
    return present(programs_folder(os.environ, GRADERS) / name)


def present(path: Path) -> Path:
    """`path`, which is there. Raises `GraderMissing`."""
    if not path.exists():
        raise GraderMissing(f"{path} is not there: `make graders` makes it, which takes Go 1.26 or a network")
    return path
