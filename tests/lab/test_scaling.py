"""More pods when there is more to do, and fewer afterwards."""

import pytest

from tests.lab.engine.wire import number_at
from tests.lab.souk.installation import Installation
from tests.lab.terminal import eventually

pytestmark = pytest.mark.lab

_SCALED = "items-api"
_BUSY_S = 150.0
# Production waits for five quiet minutes.
_IMPATIENT = '{"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 15}}}}'
_ASK = """
import concurrent.futures, sys, time, urllib.request
until = time.monotonic() + float(sys.argv[1])
def ask(_):
    while time.monotonic() < until:
        urllib.request.urlopen("http://127.0.0.1:8000/health/ready", timeout=10).read()
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    list(pool.map(ask, range(4)))
"""


def test_a_busy_service_gets_another_pod_and_loses_it_when_it_is_quiet(souk: Installation) -> None:
    kubectl = souk.kubectl()
    kubectl("patch", "hpa", _SCALED, "--patch", _IMPATIENT)
    before = _replicas(souk)

    kubectl("exec", f"deployment/{_SCALED}", "--", "timeout", "60", "python3", "-c", _ASK, "45")

    assert before == 1
    assert eventually(lambda: _replicas(souk) > 1, timeout_s=_BUSY_S)
    assert eventually(lambda: _replicas(souk) == 1, timeout_s=_BUSY_S)
    assert souk.up().get("update", 0) <= 1


def _replicas(souk: Installation) -> int:
    return number_at(souk.kubectl().get("deployment", _SCALED), "status", "readyReplicas")
