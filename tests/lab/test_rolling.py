"""New versions, new settings and lost processes, while people shop."""

import asyncio

import pytest

from tests.lab.engine.wire import object_at, text_at
from tests.lab.souk.installation import DATA, SERVICES, Installation
from tests.lab.souk.shoppers import shoppers

pytestmark = pytest.mark.lab

_REVISION = "deployment.kubernetes.io/revision"
LEAST_HEARD = 300


async def test_no_request_fails_while_every_service_is_restarted(souk: Installation) -> None:
    kubectl = souk.kubectl()

    async with shoppers(souk) as people:
        await asyncio.to_thread(kubectl, "rollout", "restart", "deployment", "--selector=app.kubernetes.io/name")
        await asyncio.to_thread(_until_rolled_out, souk)

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


def _until_rolled_out(souk: Installation) -> None:
    kubectl = souk.kubectl()
    for name in kubectl("get", "deployments", "--output=name").split():
        kubectl("rollout", "status", name, "--timeout=170s")


def _revisions(souk: Installation) -> dict[str, str]:
    """Of all that runs pods: another one for each template it was given."""
    found = {}
    for space in (SERVICES, DATA):
        for one in souk.objects("deployments,statefulsets", space):
            name, annotations = text_at(one, "metadata", "name"), object_at(one, "metadata", "annotations")
            found[f"{space}/{name}"] = str(annotations.get(_REVISION) or text_at(one, "status", "updateRevision"))
    return found
