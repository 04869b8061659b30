from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.clock import utc_now
from services.chassis.database import Database, open_database
from services.chassis.http.app import build_app
from services.chassis.http.health import Health
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.ids import uuid7
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from tests.chassis.asker import Asker
from tests.chassis.shop import HANDLERS, METADATA


async def _make_tables(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await engine.dispose()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/shop.db"
    await _make_tables(url.replace("sqlite:", "sqlite+aiosqlite:"))
    database = open_database(url, clock=utc_now, ids=uuid7)
    yield database
    await database.close()


@pytest.fixture
async def postgres(postgres_database: str) -> AsyncIterator[Database]:
    await _make_tables(postgres_database.replace("postgresql:", "postgresql+asyncpg:"))
    database = open_database(postgres_database, clock=utc_now, ids=uuid7, pool_size=20)
    yield database
    await database.close()


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.embedded), pytest.param("postgres", marks=pytest.mark.servers)]
)
def database(request: pytest.FixtureRequest) -> Database:
    """Both kinds, one after the other."""
    opened = request.getfixturevalue(str(request.param))
    assert isinstance(opened, Database)
    return opened


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


@pytest.fixture
def shop(database: Database, tmp_path: Path, metrics: Metrics) -> Asker:
    """The smallest service behind its whole HTTP face."""
    asker = Asker(tmp_path / "gateway", audience="shop", clock=utc_now)
    make_key(tmp_path / "shop")
    health = Health({"database": database.ping})
    health.started = True
    asker.app = build_app(
        "shop",
        HANDLERS,
        dependencies={"database": lambda: database},
        identities=asker.check,
        keys=KeyRing(tmp_path / "shop"),
        health=health,
        metrics=metrics,
        traces=Traces(),
    )
    return asker
