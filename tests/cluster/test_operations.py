"""What operators do from the command line, on the real thing."""

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from services.chassis.bus.rabbit.envelope import properties_of
from services.chassis.bus.rabbit.topology import DEAD
from services.chassis.ids import uuid7
from services.contracts.auth import UserRegistered
from tests.cluster import books
from tests.cluster.broker import channel_to
from tests.cluster.cluster import Cluster
from tests.cluster.snapshots import announced, digests
from tests.cluster.witness import call_witness, events_witnessed

pytestmark = pytest.mark.servers

DRAINED_WITHIN_S = 60.0


class Listed(Struct, frozen=True):
    """A line of `dead`."""

    kind: str
    id: str


async def test_a_dead_message_is_listed_and_handled_after_it_was_redriven(cluster: Cluster) -> None:
    # Of an account that is known already, so that it leaves no trace but that it was handled.
    known = next(event for event in await announced(cluster) if event.kind == UserRegistered.kind)
    message = replace(known, event_id=uuid7())
    async with channel_to(cluster) as channel:
        await channel.basic_publish(
            message.payload, exchange=DEAD, routing_key="users", properties=properties_of(message)
        )

    listed = await cluster.operate("dead", "users")
    redriven = await cluster.operate("redrive", "users")
    await books.until_handled(cluster, "users", [message.event_id], within_s=DRAINED_WITHIN_S)

    assert msgspec.json.decode(listed, type=Listed) == Listed(kind=message.kind, id=str(message.event_id))
    assert redriven == "1 messages moved back to users.in\n"
    assert await cluster.operate("dead", "users") == ""


async def test_a_replay_publishes_every_event_again_and_changes_nothing(cluster: Cluster) -> None:
    await books.until_drained(cluster, within_s=DRAINED_WITHIN_S)
    before, events = await digests(cluster), await announced(cluster)
    of_items = {event.event_id for event in events if event.kind.startswith("items.")}
    await call_witness(cluster)

    said = await cluster.operate("replay", "items")
    await books.until_drained(cluster, within_s=DRAINED_WITHIN_S)

    assert said == f"{len(of_items)} events will be published again\n"
    assert of_items <= await events_witnessed(cluster)
    assert await digests(cluster) == before
