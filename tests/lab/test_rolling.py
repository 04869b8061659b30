"""New versions, new settings and lost processes, while people shop."""

import asyncio

import pytest

from services.launch.names import RUNNABLE
from tests.lab.engine.wire import object_at, text_at
from tests.lab.souk.installation import DATA, SERVICES, Installation
from tests.lab.souk.shoppers import shoppers

pytestmark = pytest.mark.lab

_REVISION = "deployment.kubernetes.io/revision"
LEAST_HEARD = 300


async def test_no_request_fails_while_every_service_is_restarted(souk: Installation) -> None:
    async with shoppers(souk) as people:
        for service in RUNNABLE:
            await asyncio.to_thread(_restart, souk, service)

    print(people.heard)  # noqa: T201 - shown by pytest -rP.
    assert people.failures == {}
    assert people.heard.total() > LEAST_HEARD


def test_another_setting_rolls_the_pods_that_have_it_and_no_other(souk: Installation) -> None:
    before = _revisions(souk)

    souk.platform.tell("souk:services.settings", {"orders": {"commission_bp": "700"}})
    souk.platform.up()

    after = _revisions(souk)
    changed = {name for name in after if after[name] != before[name]}
    souk.up()
    assert changed == {"souk/orders-api", "souk/orders-worker", "souk/orders-relay"}


def _restart(souk: Installation, service: str) -> None:
    """All its roles at once; one service after the other, since a surge of all is more than two cores start in time."""
    kubectl, own = souk.kubectl(), f"--selector=app.kubernetes.io/name={service}"
    kubectl("rollout", "restart", "deployment", own)
    for name in kubectl("get", "deployments", own, "--output=name").split():
        kubectl("rollout", "status", name, "--timeout=170s")


def _revisions(souk: Installation) -> dict[str, str]:
    """Of all that runs pods: another one for each template it was given."""
    found = {}
    for space in (SERVICES, DATA):
        for one in souk.objects("deployments,statefulsets", space):
            name, annotations = text_at(one, "metadata", "name"), object_at(one, "metadata", "annotations")
            found[f"{space}/{name}"] = str(annotations.get(_REVISION) or text_at(one, "status", "updateRevision"))
    return found
