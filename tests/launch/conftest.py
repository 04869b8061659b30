"""One Souk, all services of it, listening for as long as the tests of this folder run."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.launch.guest import Guest
from tests.launch.shop import Seller, Shop, open_shop


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Shared: a test sells and buys under SKUs and names of its own."""
    folder: Path = tmp_path_factory.mktemp("souk")
    async with open_shop(folder) as opened:
        yield opened


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def potter(shop: Shop) -> Seller:
    return await shop.seller("Potter")


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def weaver(shop: Shop) -> Seller:
    return await shop.seller("Weaver")


@pytest_asyncio.fixture(loop_scope="package")
async def buyer(shop: Shop) -> Guest:
    """A new one for every test."""
    return await shop.buyer()


@pytest_asyncio.fixture(loop_scope="package")
async def visitor(shop: Shop) -> Guest:
    return shop.visitor()
