from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.orders.payments.desk import Desk
from tests.orders.payments.desks import sandbox_desk, stripe_desk


@pytest.fixture(params=["sandbox", "stripe"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """Every test that asks for it runs once for each provider."""
    async with sandbox_desk(tmp_path) if request.param == "sandbox" else stripe_desk() as desk:
        yield desk
