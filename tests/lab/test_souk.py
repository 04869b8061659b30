"""All of Souk on a cluster: that it comes up, that somebody can buy, and that it is what its program says."""

import json

import pytest

from tests.lab.cluster.docker import BASE
from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at
from tests.lab.souk.installation import DATA, MONITORING, SERVICES, Installation
from tests.lab.terminal import Terminal

pytestmark = pytest.mark.lab

MOST_ABOVE_BASE = 120_000_000


def test_every_pod_is_ready(souk: Installation) -> None:
    pods = [object_at(pod) for space in (SERVICES, DATA, MONITORING) for pod in souk.pods(space)]

    assert {text_at(pod, "metadata", "name") for pod in pods if not _is_ready(pod)} == set()
    assert len(pods) == 22


def test_somebody_comes_finds_something_and_buys_it(souk: Installation) -> None:
    assert souk.smoke() == "paid"


def test_a_second_up_changes_nothing(souk: Installation) -> None:
    assert set(souk.up()) == {"same"}


def test_the_cluster_holds_what_was_declared(souk: Installation) -> None:
    assert souk.platform.drift() == []


def test_what_the_stack_tells_can_be_followed(souk: Installation) -> None:
    told = souk.platform.outputs()

    documentation = text_at(told, "documentation")
    assert "Souk" in Terminal(souk.environment).run("curl", "--silent", "--fail", documentation)
    for command in object_at(told, "administrator_passwords").values():
        assert Terminal(souk.environment).run("sh", "-c", str(command))
    assert all("@sha256:" in str(image) for image in object_at(told, "images").values())


def test_the_image_of_the_services_adds_little_to_its_base(souk: Installation) -> None:
    sizes = {name: _size(name, souk) for name in (BASE, "docker.io/souk-lab/service:latest")}

    base, service = sizes.values()
    print(f"the image of the services is {service - base} bytes above its base")  # noqa: T201 - shown by pytest -rP.
    assert service - base < MOST_ABOVE_BASE


def _is_ready(pod: Object) -> bool:
    conditions = [object_at(one) for one in list_at(pod, "status", "conditions")]
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _size(image: str, souk: Installation) -> int:
    told: Json = json.loads(Terminal(souk.environment).run("docker", "image", "inspect", image))
    return int(str(object_at(told[0]).get("Size"))) if isinstance(told, list) else 0
