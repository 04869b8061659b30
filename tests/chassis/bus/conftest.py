from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import aiormq
import pytest

from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Bus
from services.chassis.bus.rabbit import RabbitBus
from services.chassis.bus.rabbit.topology import dead_queue, in_queue, retry_queue
from tests.chassis.bus.scene import RETRY_DELAYS_S, Post


@pytest.fixture
async def embedded_post(tmp_path: Path) -> AsyncIterator[Post]:
    bus = EmbeddedBus(tmp_path / "bus.db", retry_delays_s=RETRY_DELAYS_S)
    yield Post(bus)
    await bus.close()


@pytest.fixture
async def rabbit_post(rabbitmq_url: str) -> AsyncIterator[Post]:
    bus = RabbitBus(rabbitmq_url, retry_delays_s=RETRY_DELAYS_S)
    post = Post(bus)
    yield post
    await bus.close()
    await _remove_queues(rabbitmq_url, post.services)


@pytest.fixture(
    params=[
        pytest.param("embedded_post", marks=pytest.mark.embedded),
        pytest.param("rabbit_post", marks=pytest.mark.servers),
    ]
)
def post(request: pytest.FixtureRequest) -> Post:
    """On each bus there is."""
    opened = request.getfixturevalue(str(request.param))
    assert isinstance(opened, Post)
    return opened


@pytest.fixture
def bus(post: Post) -> Bus:
    return post.bus


async def _remove_queues(url: str, services: Iterable[str]) -> None:
    async with aiormq.connect(url) as connection:
        channel = await connection.channel()
        for service in services:
            retries = [retry_queue(service, wait_s) for wait_s in RETRY_DELAYS_S]
            for queue in (in_queue(service), *retries, dead_queue(service)):
                await channel.queue_delete(queue)
