"""What payment providers told: each event once, and the disputes that came of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis.database import Database, Unit
from services.orders.domain.disputes import Dispute
from services.orders.tables import DISPUTES, PROVIDER_EVENTS


async def first_time(unit: Unit, provider: str, event_id: str, *, occurred_at: datetime, about: str | None) -> bool:
    """False when the event was handled before. A second one at the same time waits for the first."""
    insert_into = postgresql.insert if unit.connection.dialect.name == "postgresql" else sqlite.insert
    row = {
        "provider": provider,
        "event_id": event_id,
        "occurred_at": occurred_at,
        "received_at": unit.now,
        "about": about,
    }
    inserted = await unit.connection.execute(insert_into(PROVIDER_EVENTS).values(row).on_conflict_do_nothing())
    return inserted.rowcount == 1


def add_dispute(unit: Unit, dispute: Dispute) -> None:
    """A new one."""
    unit.insert(DISPUTES, [msgspec.structs.asdict(dispute)])


def close_dispute(unit: Unit, dispute: Dispute) -> None:
    """Of a dispute whose checkout is locked."""
    unit.change(DISPUTES, [{"id": dispute.id, "state": dispute.state, "closed_at": dispute.closed_at}])


async def dispute_named(unit: Unit, provider_id: str) -> Dispute | None:
    """By the provider's name for it."""
    query = select(DISPUTES).where(DISPUTES.c.provider_id == provider_id)
    row = (await unit.connection.execute(query)).mappings().one_or_none()
    return None if row is None else Dispute(**row)


async def disputes(database: Database, *, state: str | None, before: UUID | None, most: int) -> Sequence[Dispute]:
    """Newest first."""
    query = select(DISPUTES).order_by(DISPUTES.c.id.desc()).limit(most)
    if state is not None:
        query = query.where(DISPUTES.c.state == state)
    if before is not None:
        query = query.where(DISPUTES.c.id < before)
    async with database.reading() as connection:
        return [Dispute(**row) for row in (await connection.execute(query)).mappings()]
