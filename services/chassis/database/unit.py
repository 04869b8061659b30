"""A unit of work: one transaction, and the events that become true with it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.ids import Ids
from services.contracts.message import Event, Message


class Unit:
    """What an action works in: a connection inside a transaction, the time, and a way to tell what happened."""

    def __init__(self, connection: AsyncConnection, *, now: datetime, ids: Ids, headers: Mapping[str, str]) -> None:
        self.connection = connection
        self.now = now
        """The time of the whole unit, so that everything it writes agrees."""
        self.recorded: list[Message] = []
        self._ids = ids
        self._headers = dict(headers)

    def new_id(self) -> UUID:
        """A fresh UUIDv7."""
        return self._ids()

    def record(self, event: Event, *, aggregate_id: UUID | str, aggregate_version: int) -> None:
        """Append to the outbox when the unit commits. One event of a kind per version of an aggregate."""
        self.recorded.append(
            Message(
                event_id=self._ids(),
                kind=event.kind,
                schema_version=event.schema_version,
                aggregate_id=str(aggregate_id),
                aggregate_version=aggregate_version,
                occurred_at=self.now,
                payload=msgspec.json.encode(event),
                headers=self._headers,
            )
        )


Units = Callable[[], AbstractAsyncContextManager[Unit]]
"""Opens a unit; leaving it commits, an exception rolls back."""
