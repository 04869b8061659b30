"""Webhooks that are owed: claimed by a lease, so that one whose sender died is sent by the next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.unit import Unit
from services.sandbox.tables import DELIVERIES

CLAIMED_AT_ONCE = 32
LEASE = timedelta(seconds=60)


class Delivery(Struct, frozen=True, kw_only=True):
    """One copy of one event."""

    id: str
    event_id: str
    body: bytes
    created_at: datetime
    next_at: datetime | None
    attempts: int = 0


class Try(Struct, frozen=True, kw_only=True):
    """How one went: the shop has it, or why not and when it is tried again; no `next_at`: given up."""

    id: str
    delivered_at: datetime | None = None
    last_error: str | None = None
    next_at: datetime | None = None


class Backlog(Struct, frozen=True, kw_only=True):
    """How many webhooks are still owed, and how the others ended."""

    owed: int
    delivered: int
    given_up: int


def add(unit: Unit, deliveries: Sequence[Delivery]) -> None:
    """Owed from now on."""
    unit.insert(DELIVERIES, [msgspec.structs.asdict(delivery) for delivery in deliveries])


async def any_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether `claim` would find something; asking does not take SQLite's one write lock."""
    query = select(DELIVERIES.c.id).where(DELIVERIES.c.next_at <= now).limit(1)
    return (await connection.execute(query)).first() is not None


async def claim(connection: AsyncConnection, now: datetime) -> Sequence[Delivery]:
    """Those that are due, oldest first; ours for the length of a lease, with this try counted."""
    due = (
        select(DELIVERIES.c.id)
        .where(DELIVERIES.c.next_at <= now)
        .order_by(DELIVERIES.c.next_at, DELIVERIES.c.id)
        .limit(CLAIMED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    names = Delivery.__struct_fields__
    taken = (
        update(DELIVERIES)
        .where(DELIVERIES.c.id.in_(due))
        .values(attempts=DELIVERIES.c.attempts + 1, next_at=now + LEASE)
        .returning(*(DELIVERIES.c[name] for name in names))
    )
    rows = (await connection.execute(taken)).mappings()
    return sorted((Delivery(**row) for row in rows), key=lambda delivery: delivery.id)


def save(unit: Unit, tries: Sequence[Try]) -> None:
    """How claimed ones went."""
    unit.change(DELIVERIES, [msgspec.structs.asdict(one) for one in tries])


async def backlog(connection: AsyncConnection) -> Backlog:
    """Of all webhooks there ever were."""
    columns = DELIVERIES.c
    owed = func.count().filter(columns.next_at.is_not(None))
    delivered = func.count().filter(columns.delivered_at.is_not(None))
    query = select(owed.label("owed"), delivered.label("delivered"), func.count().label("total"))
    found = (await connection.execute(query)).one()
    return Backlog(owed=found.owed, delivered=found.delivered, given_up=found.total - found.owed - found.delivered)
