from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chassis.wire.origin import FakeOrigin
from tests.gateway.running import RunningGateway


@pytest.fixture
async def items() -> AsyncIterator[FakeOrigin]:
    """The service behind."""
    origin = FakeOrigin()
    await origin.start()
    yield origin
    await origin.stop()


@pytest.fixture
async def stopped(items: FakeOrigin, tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """A gateway that the test starts as it likes."""
    running = RunningGateway(tmp_path, items)
    yield running
    await running.stop()


@pytest.fixture
async def gateway(stopped: RunningGateway) -> RunningGateway:
    await stopped.start()
    return stopped
