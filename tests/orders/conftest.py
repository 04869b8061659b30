from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.orders.market import Market, market_on


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.embedded), pytest.param("postgres", marks=pytest.mark.servers)]
)
def orders_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: SQLite in the embedded tier, PostgreSQL in the servers tier."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/orders.db"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
async def market(orders_url: str, tmp_path: Path) -> AsyncIterator[Market]:
    async with market_on(orders_url, tmp_path) as market:
        yield market
