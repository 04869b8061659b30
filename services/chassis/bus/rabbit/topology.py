"""Exchanges and queues: their names, their arguments, and how they are made.

Every argument means the same on RabbitMQ 3.10 and 4: what one of them leaves to a default is spelt out.
"""

from collections.abc import Sequence

from aiormq.abc import AbstractChannel, FieldTable

from services.chassis.bus.handling import DELIVERY_LIMIT
from services.chassis.bus.port import Binding
from services.chassis.bus.rabbit.answers import answered

EVENTS = "souk.events"
"""Topic exchange that every event is published to, by its kind."""
DEAD = "souk.dead"
"""Direct exchange to the dead queues, by service."""
TO_QUEUE = ""
"""The default exchange: the routing key is the name of a queue."""

_UNLIMITED_DELIVERIES = 2**31 - 1  # 4.0 drops a message after 20 by default; 3.10 does not know -1 for "no limit".


def in_queue(service: str) -> str:
    """What the service consumes."""
    return f"{service}.in"


def dead_queue(service: str) -> str:
    """What the service has given up."""
    return f"{service}.dead"


def retry_queue(service: str, wait_s: float) -> str:
    """Where messages wait for their next try: `orders.retry.10s`, `orders.retry.1m`."""
    milliseconds = round(wait_s * 1000)
    for unit, name in ((60_000, "m"), (1000, "s")):
        if milliseconds % unit == 0:
            return f"{service}.retry.{milliseconds // unit}{name}"
    return f"{service}.retry.{milliseconds}ms"


class Topology:
    """What is to be there; `revision` rises when something is added to it."""

    def __init__(self, retry_delays_s: Sequence[float]) -> None:
        self._retry_delays_s = tuple(retry_delays_s)
        self._kinds: dict[str, frozenset[str]] = {}
        self.revision = 0

    def add(self, bindings: Sequence[Binding]) -> None:
        """More kinds for a service that is known add to those it has."""
        before = dict(self._kinds)
        for binding in bindings:
            self._kinds[binding.service] = self._kinds.get(binding.service, frozenset()) | binding.kinds
        self.revision += before != self._kinds

    def wants(self, kind: str) -> bool:
        """Whether some service's queue must get it."""
        return any(kind in kinds for kinds in self._kinds.values())

    async def declare(self, channel: AbstractChannel) -> None:
        """Idempotent. Raises `Away`, also when a queue is there with other arguments."""
        await answered(channel.exchange_declare(EVENTS, exchange_type="topic", durable=True))
        await answered(channel.exchange_declare(DEAD, exchange_type="direct", durable=True))
        for service, kinds in self._kinds.items():
            await self._declare_queues(channel, service)
            for kind in sorted(kinds):
                await answered(channel.queue_bind(in_queue(service), EVENTS, kind))

    async def _declare_queues(self, channel: AbstractChannel, service: str) -> None:
        # From the end of a message's way to its beginning: at no time can one arrive where the next stop is missing.
        await _declare(channel, dead_queue(service), {"x-delivery-limit": _UNLIMITED_DELIVERIES})
        await answered(channel.queue_bind(dead_queue(service), DEAD, service))
        limit: FieldTable = {"x-delivery-limit": DELIVERY_LIMIT}
        await _declare(channel, in_queue(service), limit | _dead_letter(DEAD, service))
        for wait_s in self._retry_delays_s:
            wait: FieldTable = {"x-message-ttl": round(wait_s * 1000)}
            back = _dead_letter(TO_QUEUE, in_queue(service))
            await _declare(channel, retry_queue(service, wait_s), wait | back)


def _dead_letter(exchange: str, routing_key: str) -> FieldTable:
    # At least once needs reject-publish; together they never drop a message between two queues.
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": routing_key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def _declare(channel: AbstractChannel, name: str, arguments: FieldTable) -> None:
    kind: FieldTable = {"x-queue-type": "quorum"}
    await answered(channel.queue_declare(name, durable=True, arguments=kind | arguments))
