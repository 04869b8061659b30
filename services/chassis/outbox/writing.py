"""Outbox rows from the events of a unit, and back."""

from sqlalchemy import Row

from services.chassis.outbox.tables import JOURNAL
from services.contracts.message import Message

OUTBOX = JOURNAL.outbox


def to_row(message: Message) -> dict[str, object]:
    """What the outbox keeps of it."""
    return {
        "event_id": message.event_id,
        "aggregate_type": message.kind.split(".")[1],
        "aggregate_id": message.aggregate_id,
        "aggregate_version": message.aggregate_version,
        "kind": message.kind,
        "schema_version": message.schema_version,
        "payload": message.payload,
        "headers": message.headers,
        "created_at": message.occurred_at,
        "available_at": message.occurred_at,
    }


def to_message(row: Row[tuple[object, ...]]) -> Message:
    """The message that `to_row` stored."""
    return Message(
        event_id=row.event_id,
        kind=row.kind,
        schema_version=row.schema_version,
        aggregate_id=row.aggregate_id,
        aggregate_version=row.aggregate_version,
        occurred_at=row.created_at,
        payload=row.payload,
        headers=row.headers,
    )
