from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.chassis.service import Platform, Service
from services.gateway.app import build
from services.gateway.proxy.inside import Inside
from services.gateway.settings import Settings
from tests.chassis.wire.origin import FakeOrigin
from tests.gateway.running import RunningGateway
from tests.gateway.services import Town
from tests.stage import Stage, set_stage


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


@pytest.fixture
def town() -> Town:
    """What the staged gateway stands before."""
    return Town()


def _builder(url: str, folder: Path, town: Town) -> Callable[[Platform], Service]:
    settings = Settings(
        database_url=url, keys_dir=folder / "keys", bus_url="sqlite:///unused", gateway_internal_url="http://gateway"
    )
    return lambda platform: build(settings, platform, town.carriers(), Inside()).service


@pytest.fixture
async def stage(tmp_path: Path, town: Town) -> AsyncIterator[Stage]:
    """The gateway's own routes, on SQLite."""
    url = f"sqlite:///{tmp_path}/gateway.db"
    async with set_stage("gateway", url, tmp_path, _builder(url, tmp_path, town)) as stage:
        yield stage


@pytest.fixture
async def postgres_stage(tmp_path: Path, postgres_database: str, town: Town) -> AsyncIterator[Stage]:
    """The same on PostgreSQL."""
    url = postgres_database.replace("+asyncpg", "")
    async with set_stage("gateway", url, tmp_path, _builder(url, tmp_path, town)) as stage:
        yield stage


@pytest.fixture(
    params=[
        pytest.param("stage", marks=pytest.mark.embedded),
        pytest.param("postgres_stage", marks=pytest.mark.servers),
    ]
)
def either_stage(request: pytest.FixtureRequest) -> Stage:
    """Both, one after the other."""
    opened = request.getfixturevalue(str(request.param))
    assert isinstance(opened, Stage)
    return opened
