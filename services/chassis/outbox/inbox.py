"""Handled once: the row that says so commits with the effect."""

from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite

from services.chassis.database.unit import Unit
from services.chassis.outbox.tables import JOURNAL

INBOX = JOURNAL.inbox


async def first_time(unit: Unit, *, consumer: str, event_id: UUID) -> bool:
    """False when this consumer has already handled the event. A second one at the same time waits for the first."""
    values = {"consumer": consumer, "event_id": event_id, "processed_at": unit.now}
    insert = postgresql.insert if unit.connection.dialect.name == "postgresql" else sqlite.insert
    result = await unit.connection.execute(insert(INBOX).values(values).on_conflict_do_nothing())
    return result.rowcount == 1
