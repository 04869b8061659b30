"""Processes that are killed are back, and what they kept is still there."""

from pathlib import Path

import pytest

from tests.lab.docker.daemon import CONTAINERD
from tests.lab.engine.wire import Object, list_at, number_at, object_at, text_at
from tests.lab.souk.installation import DATA, MONITORING, SERVICES, Installation
from tests.lab.terminal import Terminal, eventually

pytestmark = pytest.mark.lab

RECOVERED_S = 240.0
_TABLES = "select count(*) from information_schema.tables where table_schema = 'public'"


@pytest.mark.parametrize("namespace", [SERVICES, DATA, MONITORING])
def test_whoever_is_killed_is_back_and_people_buy_again(souk: Installation, namespace: str) -> None:
    before = {text_at(pod, "metadata", "name"): _restarts(pod) for pod in souk.pods(namespace)}

    for pod in souk.pods(namespace):
        _kill(souk, pod)

    def recovered() -> bool:
        now = {text_at(pod, "metadata", "name"): pod for pod in souk.pods(namespace)}
        return all(name in now and _restarts(now[name]) > before[name] and _is_ready(now[name]) for name in before)

    assert eventually(recovered, timeout_s=RECOVERED_S)
    assert souk.smoke() == "paid"


def test_what_is_on_a_volume_outlives_the_pod(souk: Installation) -> None:
    kubectl = souk.kubectl(DATA)
    count = ("exec", "postgres-0", "--", "psql", "--username=postgres", "--dbname=orders", "-Atc", _TABLES)
    before = kubectl(*count)
    first = text_at(kubectl.get("pod", "postgres-0"), "metadata", "uid")

    kubectl("delete", "pod", "postgres-0", "--grace-period=0", "--force")

    assert eventually(lambda: text_at(kubectl.get("pod", "postgres-0"), "metadata", "uid") not in {"", first})
    kubectl("wait", "--for=condition=Ready", "pod/postgres-0", "--timeout=120s")
    assert int(before) > 0
    assert kubectl(*count) == before
    assert souk.smoke() == "paid"


def _kill(souk: Installation, pod: Object) -> None:
    """With SIGKILL, from outside: inside its container nothing can."""
    status = object_at(list_at(pod, "status", "containerStatuses")[0])
    container = text_at(status, "containerID").rpartition("/")[2]
    socket = Path(souk.environment[CONTAINERD])
    ctr = ("ctr", "--address", str(socket), "--namespace", "k8s.io")
    Terminal(souk.environment).run(*ctr, "tasks", "kill", "--signal", "SIGKILL", container)


def _restarts(pod: Object) -> int:
    return sum(number_at(object_at(one), "restartCount") for one in list_at(pod, "status", "containerStatuses"))


def _is_ready(pod: Object) -> bool:
    return all(object_at(one).get("ready") is True for one in list_at(pod, "status", "containerStatuses"))
