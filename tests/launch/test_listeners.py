"""The table of listeners, against what the services really subscribe to."""

from pathlib import Path

import pytest

from services.contracts.listeners import LISTENERS
from services.launch.blueprints import configure
from services.launch.environment import Ports, environment_of
from services.launch.names import NAMES, Name
from services.launch.secrets import Secrets
from tests.stage import set_stage

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize("name", NAMES)
async def test_a_service_listens_to_what_the_table_says(name: Name, tmp_path: Path) -> None:
    environment = environment_of(name, tmp_path, Secrets(), Ports(public=1, sandbox=2))
    configured = configure(name, environment)

    async with set_stage(name, f"sqlite:///{tmp_path}/{name}.db", tmp_path, configured.build) as stage:
        heard = {subscription.kind for subscription in stage.service.subscriptions}

    assert heard == {event.kind for event in LISTENERS.get(name, ())}
