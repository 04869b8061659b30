"""A unit of work: one transaction, and the events that become true with it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.batch import Batch
from services.chassis.database.writes import RowValues, Write
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
        self._batch = Batch()

    def insert(self, table: Table, rows: Sequence[RowValues], *, otherwise: Exception | None = None) -> None:
        """New rows, all of the same columns, written when the unit ends or at `flush`; `otherwise`: a key is taken."""
        self._batch.add(Write(table=table, rows=[*rows], otherwise=otherwise))

    def change(self, table: Table, rows: Sequence[RowValues], *, key: tuple[str, ...] = ("id",)) -> None:
        """Set columns of the rows that `key` names, when the unit ends or at `flush`."""
        self._batch.add(Write(table=table, rows=[*rows], key=key))

    def compare_and_set(self, table: Table, seen: RowValues, values: RowValues, *, otherwise: Exception) -> None:
        """Set `values` of the row that `seen` names, if all of `seen` still holds; else the unit fails `otherwise`."""
        self._batch.add(Write(table=table, rows=[values], seen=seen, otherwise=otherwise))

    @property
    def is_one_statement(self) -> bool:
        """Whether nothing was executed yet, and what was kept is one statement: it needs no transaction round it."""
        return self._batch.statements == 1 and not self.connection.in_transaction()

    async def flush(self) -> None:
        """Write what was kept so far, for whoever reads it in this unit."""
        await self._batch.flush(self.connection)

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
