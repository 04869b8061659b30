from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from services.auth.app import build
from services.auth.settings import Settings
from services.chassis.service import Platform, Service
from tests.auth.visitors import PASSWORD, Visitor
from tests.stage import Stage, set_stage

STAFF_EMAIL = "staff@souk.example"


def builder(url: str, folder: Path, staff_email: str = STAFF_EMAIL) -> Callable[[Platform], Service]:
    """Auth as it is put together for tests."""
    settings = Settings(
        database_url=url,
        keys_dir=folder / "keys",
        bus_url="sqlite:///unused",
        gateway_internal_url="http://gateway",
        data_key="x" * 32,
        mail_url=f"sqlite:///{folder}/mail.db",
        staff_email=staff_email,
        staff_password=PASSWORD,
        login_tries_per_address=40,
    )
    return partial(build, settings)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Auth on SQLite."""
    url = f"sqlite:///{tmp_path}/auth.db"
    async with set_stage("auth", url, tmp_path, builder(url, tmp_path)) as stage:
        yield stage


@pytest.fixture
async def postgres_stage(tmp_path: Path, postgres_database: str) -> AsyncIterator[Stage]:
    """Auth on PostgreSQL."""
    url = postgres_database.replace("+asyncpg", "")
    async with set_stage("auth", url, tmp_path, builder(url, tmp_path)) as stage:
        yield stage


@pytest.fixture(
    params=[
        pytest.param("stage", marks=pytest.mark.embedded),
        pytest.param("postgres_stage", marks=pytest.mark.servers),
    ]
)
def either_stage(request: pytest.FixtureRequest) -> Stage:
    """Auth on both, one after the other."""
    opened = request.getfixturevalue(str(request.param))
    assert isinstance(opened, Stage)
    return opened


@pytest.fixture
def ana(stage: Stage) -> Visitor:
    """Nobody yet."""
    return Visitor(stage)


@pytest.fixture
async def clerk(stage: Stage) -> Visitor:
    """A member of staff, logged in."""
    visitor = Visitor(stage, address="198.51.100.9")
    await visitor.log_in(STAFF_EMAIL)
    return visitor
