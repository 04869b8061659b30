from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.ids import uuid7
from tests.chassis.clocks import HandClock
from tests.chassis.search.catalogue import SHAPE, window
from tests.chassis.search.engines import ElasticEngine, EmbeddedEngine, Engine, fill


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def embedded(tmp_path: Path, clock: HandClock) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path, SHAPE, clock=clock)
    await engine.index.prepare()
    yield engine
    await engine.close()


@pytest.fixture
async def elastic(elasticsearch_url: str, clock: HandClock) -> AsyncIterator[ElasticEngine]:
    engine = ElasticEngine(elasticsearch_url, f"test-{uuid7().hex}", SHAPE, clock=clock)
    await engine.index.prepare()
    yield engine
    await engine.close()


@pytest.fixture(
    params=[pytest.param("embedded", marks=pytest.mark.embedded), pytest.param("elastic", marks=pytest.mark.servers)]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Both engines, one after the other, prepared and empty."""
    opened: Engine = request.getfixturevalue(str(request.param))
    return opened


@pytest.fixture
async def shop(engine: Engine) -> Engine:
    """With `window()` in it."""
    await fill(engine, window())
    return engine
