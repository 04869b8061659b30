import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sandbox.provider import SandboxLab, empty_books, sandbox_lab


@pytest.fixture(scope="session")
def empty_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty_books(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.embedded), pytest.param("postgres", marks=pytest.mark.servers)]
)
def database_url(request: pytest.FixtureRequest, empty_sandbox: Path, tmp_path: Path) -> str:
    """An empty database: SQLite in the embedded tier, PostgreSQL in the servers tier."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(empty_sandbox, tmp_path)}"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
async def lab(database_url: str, tmp_path: Path) -> AsyncIterator[SandboxLab]:
    async with sandbox_lab(database_url, tmp_path) as lab:
        yield lab
