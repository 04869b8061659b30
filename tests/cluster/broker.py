"""The broker as its operator sees it: how much waits where."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiormq
from aiormq.abc import AbstractChannel

from services.chassis.bus.port import RETRY_DELAYS_S
from services.chassis.bus.rabbit.topology import dead_queue, in_queue, retry_queue
from tests.cluster.cluster import CONSUMERS, Cluster


@asynccontextmanager
async def channel_to(cluster: Cluster) -> AsyncIterator[AbstractChannel]:
    """A connection with one channel."""
    connection = await aiormq.connect(cluster.servers["rabbitmq"].url)
    try:
        yield await connection.channel()
    finally:
        await connection.close()


async def waiting(cluster: Cluster) -> Mapping[str, int]:
    """Messages by queue, of every queue of every service, dead ones too, but for those that are being handled."""
    queues = [
        queue
        for service in CONSUMERS
        for queue in (
            in_queue(service),
            *(retry_queue(service, wait_s) for wait_s in RETRY_DELAYS_S),
            dead_queue(service),
        )
    ]
    async with channel_to(cluster) as channel:
        return {queue: (await channel.queue_declare(queue, passive=True)).message_count or 0 for queue in queues}
