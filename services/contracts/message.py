"""Events and the envelope they travel in."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened, told in the past tense. Unknown fields are ignored, so that producers may add some."""

    kind: ClassVar[str]
    """Routing key: `<service>.<aggregate>.<past tense verb>`, such as `orders.order.placed`."""
    schema_version: ClassVar[int] = 1


class Message(Struct, frozen=True, kw_only=True):
    """One event on its way: what the outbox stores and the bus carries."""

    event_id: UUID
    kind: str
    schema_version: int
    aggregate_id: str
    aggregate_version: int
    """Rises by one with each change of the aggregate; consumers drop what is not newer than what they have."""
    occurred_at: datetime
    payload: bytes
    """The event as JSON."""
    headers: dict[str, str]
    """`traceparent` and `request_id` of the request that caused it."""
