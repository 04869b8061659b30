from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from services.chassis.ids import uuid7
from services.chassis.service import Platform, Service
from services.users.app import build
from services.users.settings import Settings
from tests.stage import Stage, set_stage
from tests.users.people import Person


def _builder(url: str, folder: Path) -> Callable[[Platform], Service]:
    settings = Settings(
        database_url=url,
        keys_dir=folder / "keys",
        bus_url="sqlite:///unused",
        gateway_internal_url="http://gateway",
    )
    return partial(build, settings)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Users on SQLite."""
    url = f"sqlite:///{tmp_path}/users.db"
    async with set_stage("users", url, tmp_path, _builder(url, tmp_path)) as stage:
        yield stage


@pytest.fixture
async def postgres_stage(tmp_path: Path, postgres_database: str) -> AsyncIterator[Stage]:
    """Users on PostgreSQL."""
    url = postgres_database.replace("+asyncpg", "")
    async with set_stage("users", url, tmp_path, _builder(url, tmp_path)) as stage:
        yield stage


@pytest.fixture(
    params=[
        pytest.param("stage", marks=pytest.mark.embedded),
        pytest.param("postgres_stage", marks=pytest.mark.servers),
    ]
)
def either_stage(request: pytest.FixtureRequest) -> Stage:
    """Users on both, one after the other."""
    opened = request.getfixturevalue(str(request.param))
    assert isinstance(opened, Stage)
    return opened


@pytest.fixture
def ana(either_stage: Stage) -> Person:
    return Person(either_stage, uuid7())


@pytest.fixture
def bo(either_stage: Stage) -> Person:
    return Person(either_stage, uuid7())


@pytest.fixture
def clerk(either_stage: Stage) -> Person:
    return Person(either_stage, uuid7(), roles=frozenset({"buyer", "staff"}))
