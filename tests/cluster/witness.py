"""A queue of the test's own that gets every event: what was delivered, whatever became of the broker meanwhile."""

import asyncio
from uuid import UUID

from services.chassis.bus.rabbit.topology import EVENTS
from tests.cluster.broker import channel_to
from tests.cluster.cluster import Cluster

_QUEUE = "witness"
_METADATA_S = 2.5
"""Mnesia, where brokers before 4.0 keep their queues, flushes its log every 2 s."""


async def call_witness(cluster: Cluster) -> None:
    """From now on; safe from a kill of the broker when this returns."""
    async with channel_to(cluster) as channel:
        await channel.queue_delete(_QUEUE)
        await channel.queue_declare(_QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        await channel.queue_bind(_QUEUE, EVENTS, "#")
    await asyncio.sleep(_METADATA_S)


async def events_witnessed(cluster: Cluster) -> set[UUID]:
    """Ids of all that was delivered since the witness was called, which is over with this."""
    async with channel_to(cluster) as channel:
        seen: set[UUID] = set()
        while (delivered := await channel.basic_get(_QUEUE, no_ack=True)).message_count is not None:
            seen.add(UUID(delivered.header.properties.message_id))
        await channel.queue_delete(_QUEUE)
        return seen
