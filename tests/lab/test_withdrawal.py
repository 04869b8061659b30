"""Souk leaves the cluster as it found it. Other tests come before: what runs afterwards has to bring it up again."""

import pytest

from tests.lab.souk.installation import DATA, MONITORING, SERVICES, Installation
from tests.lab.terminal import eventually

pytestmark = pytest.mark.lab

_EVERYWHERE = "persistentvolumes,priorityclasses,clusterroles,clusterrolebindings,ingresses,pods,persistentvolumeclaims"


def test_destroyed_it_leaves_nothing(souk: Installation) -> None:
    kubectl = souk.kubectl("default")

    souk.platform.down()

    def left() -> list[str]:
        spaces = kubectl("get", "namespaces", "--output=name").split()
        objects = kubectl("get", _EVERYWHERE, "--all-namespaces", "--output=name").split()
        wanted = [f"namespace/{name}" for name in (SERVICES, DATA, MONITORING)]
        return [one for one in (*spaces, *objects) if one in wanted or "/souk" in one or "persistentvolume" in one]

    assert eventually(lambda: left() == [], timeout_s=60), left()
