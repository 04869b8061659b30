import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from services.chassis.ids import uuid7
from services.chassis.schema.upgrade import upgrade
from tests.orders.market import Market, market_on


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once; every test gets a copy."""
    path = tmp_path_factory.mktemp("orders") / "template.db"
    asyncio.run(upgrade("orders", f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_orders(sqlite_template: Path, tmp_path: Path) -> str:
    (tmp_path / "orders.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path}/orders.db"


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """Migrated once; every test gets a copy. Its name."""
    name = f"orders_{uuid7().hex}"
    server, _, _ = postgres_url.rpartition("/")
    asyncio.run(_administer(postgres_url, f"CREATE DATABASE {name}"))
    asyncio.run(upgrade("orders", f"{server}/{name}"))
    yield name
    asyncio.run(_administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def postgres_orders(postgres_url: str, postgres_template: str) -> AsyncIterator[str]:
    name = f"orders_{uuid7().hex}"
    server, _, _ = postgres_url.rpartition("/")
    await _administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield f"{server}/{name}"
    await _administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(url: str, command: str) -> None:
    admin = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await admin.execute(command)
    finally:
        await admin.close()


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.embedded), pytest.param("postgres", marks=pytest.mark.servers)]
)
def orders_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database: SQLite in the embedded tier, PostgreSQL in the servers tier."""
    url: str = request.getfixturevalue(f"{request.param}_orders")
    return url


@pytest.fixture
async def market(orders_url: str, tmp_path: Path) -> AsyncIterator[Market]:
    async with market_on(orders_url, tmp_path) as market:
        yield market
