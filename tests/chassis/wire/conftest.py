from collections.abc import AsyncIterator

import pytest

from services.chassis.wire.pool import PoolLimits
from services.chassis.wire.upstream import TcpUpstream
from tests.chassis.wire.origin import FakeOrigin


@pytest.fixture
async def origin() -> AsyncIterator[FakeOrigin]:
    fake = FakeOrigin()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def upstream(origin: FakeOrigin) -> AsyncIterator[TcpUpstream]:
    made = TcpUpstream(origin.origin, PoolLimits(connections=2, waiting=2, connect_s=0.5))
    yield made
    origin.hang_up_on_all()
    await made.close()
