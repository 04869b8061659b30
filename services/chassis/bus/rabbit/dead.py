"""The dead queue of a service: looking into it, and bringing its messages back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from aiormq.abc import AbstractChannel, DeliveredMessage
from msgspec import Struct

from services.chassis.bus.port import DeadMessage
from services.chassis.bus.rabbit.answers import answered
from services.chassis.bus.rabbit.envelope import Letter, Marks, Unreadable, forwarded, headers_of, marks_of, read
from services.chassis.bus.rabbit.publishing import Outlet
from services.chassis.bus.rabbit.settling import acknowledge
from services.chassis.bus.rabbit.topology import TO_QUEUE, dead_queue, in_queue
from services.contracts.message import Message

_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
_UNKNOWN_ID = UUID(int=0)


class _Death(Struct, frozen=True, kw_only=True):
    """What the broker notes when it gives up a message itself."""

    reason: str
    time: datetime


async def look(channel: AbstractChannel, service: str, limit: int) -> list[DeadMessage]:
    """Everything is back in the queue afterwards. Raises `Away`, and then the broker puts it back."""
    found = [_describe(delivered) async for delivered in _take(channel, service, limit)]
    if found:
        await answered(channel.basic_nack(0, multiple=True, requeue=True))
    return found


async def redrive(channel: AbstractChannel, outlet: Outlet, service: str, limit: int) -> int:
    """Each starts anew, with all its tries before it. Raises `Away`."""
    moved = 0
    async for delivered in _take(channel, service, limit):
        properties = forwarded(delivered, Marks())
        letter = Letter(exchange=TO_QUEUE, routing_key=in_queue(service), body=delivered.body, properties=properties)
        if not all(await outlet.send([letter])):
            break
        await acknowledge(delivered)
        moved += 1
    return moved


async def _take(channel: AbstractChannel, service: str, limit: int) -> AsyncIterator[DeliveredMessage]:
    """Only those that are there now: one that dies again meanwhile is not taken twice."""
    left = limit
    while left > 0:
        delivered = await answered(channel.basic_get(dead_queue(service)))
        if delivered.message_count is None:
            return
        left = min(left, delivered.message_count + 1) - 1
        yield delivered


def _describe(delivered: DeliveredMessage) -> DeadMessage:
    try:
        message = read(delivered)
    except Unreadable:
        message = _salvage(delivered)
    marks = _legible_marks(delivered)
    death = _first_death(delivered)
    return DeadMessage(
        message=message,
        # One that the broker gave up may still bear the reason for its last retry.
        reason=marks.reason if marks.died_at and marks.reason else death.reason,
        died_at=marks.died_at or death.time,
    )


def _legible_marks(delivered: DeliveredMessage) -> Marks:
    try:
        return marks_of(delivered)
    except Unreadable:
        return Marks()


def _first_death(delivered: DeliveredMessage) -> _Death:
    try:
        return msgspec.convert(headers_of(delivered).get("x-death"), list[_Death])[0]
    except (msgspec.ValidationError, IndexError):
        return _Death(reason="unknown", time=_UNKNOWN_TIME)


def _salvage(delivered: DeliveredMessage) -> Message:
    return Message(
        event_id=_UNKNOWN_ID,
        kind=delivered.routing_key or "",
        schema_version=0,
        aggregate_id="",
        aggregate_version=0,
        occurred_at=_UNKNOWN_TIME,
        payload=delivered.body,
        headers={},
    )
