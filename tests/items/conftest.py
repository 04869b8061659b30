import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from services.chassis.database import Database, open_database
from services.chassis.ids import uuid7
from services.chassis.schema.upgrade import upgrade
from services.chassis.search.fts5 import Fts5Index
from services.items.search import shape
from tests.items.engine import FailingIndex
from tests.items.market import HandClock, Market, open_market

POOL_SIZE = 20


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("items") / "template.db"
    await upgrade("items", f"sqlite:///{path}")
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_template(postgres_url: str) -> AsyncIterator[str]:
    """The name of one, in PostgreSQL."""
    name = f"items_template_{uuid7().hex}"
    server = postgres_url.replace("+asyncpg", "")
    admin = await asyncpg.connect(server)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        await upgrade("items", f"{server.rpartition('/')[0]}/{name}")
        yield name
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def sqlite(tmp_path: Path, sqlite_template: Path, clock: HandClock) -> AsyncIterator[Database]:
    path = shutil.copy(sqlite_template, tmp_path / "items.db")
    database = open_database(f"sqlite:///{path}", clock=clock, ids=uuid7)
    yield database
    await database.close()


@pytest.fixture
async def postgres(postgres_url: str, postgres_template: str, clock: HandClock) -> AsyncIterator[Database]:
    name = f"items_{uuid7().hex}"
    server = postgres_url.replace("+asyncpg", "")
    admin = await asyncpg.connect(server)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
        database = open_database(f"{server.rpartition('/')[0]}/{name}", clock=clock, ids=uuid7, pool_size=POOL_SIZE)
        yield database
        await database.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.embedded), pytest.param("postgres", marks=pytest.mark.servers)]
)
def database(request: pytest.FixtureRequest) -> Database:
    """Both kinds, one after the other."""
    opened = request.getfixturevalue(str(request.param))
    assert isinstance(opened, Database)
    return opened


@pytest.fixture
async def engine(tmp_path: Path, clock: HandClock) -> AsyncIterator[FailingIndex]:
    """The embedded search engine, which a test may turn off."""
    index = Fts5Index(tmp_path / "search.db", shape(["colour", "size"]), clock=clock)
    yield FailingIndex(index)
    await index.close()


@pytest.fixture
async def market(database: Database, tmp_path: Path, clock: HandClock, engine: FailingIndex) -> Market:
    """An open market on either kind of database."""
    opened = open_market(database, tmp_path, clock, engine)
    await opened.open()
    return opened
