import asyncio
import os
import random
from collections.abc import Iterator

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.town import found, reach
from tests.servers.binaries import ServerMissing
from tests.servers.program import ServerFailed
from tests.servers.run import Run

SEED = "SOUK_TEST_SEED"


@pytest.fixture(scope="package")
def installation(server_run: Run) -> Iterator[Cluster]:
    """All of Souk, started once for all tests, with people in it."""
    try:
        cluster = Cluster(server_run)
        cluster.start()
    except (ServerMissing, ServerFailed) as reason:
        pytest.fail(str(reason), pytrace=False)
    asyncio.run(_found(cluster))
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(installation: Cluster) -> Iterator[Cluster]:
    """All of Souk, running. Whatever a test kills it also starts again; what ends by itself fails the test."""
    yield installation
    fallen = installation.raise_fallen()
    if fallen:
        pytest.fail("\n".join(f"{name} ended by itself:\n{log}" for name, log in fallen.items()), pytrace=False)


@pytest.fixture
def dice() -> random.Random:
    """The seed is shown when the test fails, and taken from SOUK_TEST_SEED to repeat it."""
    seed = int(os.environ.get(SEED, random.SystemRandom().getrandbits(32)))
    print(f"{SEED}={seed}")  # noqa: T201 - pytest shows it with a failure.
    return random.Random(seed)


async def _found(cluster: Cluster) -> None:
    async with reach(cluster.gateway) as gateway:
        await found(gateway)
