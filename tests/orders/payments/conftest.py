import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.orders.payments.desk import Desk
from tests.orders.payments.desks import sandbox_desk, stripe_desk
from tests.sandbox.provider import empty_books


@pytest.fixture(scope="session")
def empty_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty_books(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture(params=["sandbox", "stripe"])
async def desk(request: pytest.FixtureRequest, empty_sandbox: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """Every test that asks for it runs once for each provider."""
    shutil.copy(empty_sandbox, tmp_path)
    async with sandbox_desk(tmp_path) if request.param == "sandbox" else stripe_desk() as desk:
        yield desk
