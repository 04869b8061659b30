"""Disputes of charges."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.sandbox.domain.disputes import Dispute, DisputeMissing
from services.sandbox.tables import DISPUTES


async def add(connection: AsyncConnection, opened: Dispute) -> None:
    """A new one."""
    await connection.execute(insert(DISPUTES), msgspec.structs.asdict(opened))


async def save(connection: AsyncConnection, decided: Dispute) -> None:
    """Of a dispute whose charge is locked."""
    await connection.execute(update(DISPUTES).where(DISPUTES.c.id == decided.id).values(state=decided.state))


async def dispute(connection: AsyncConnection, dispute_id: str) -> Dispute:
    """Raises `DisputeMissing`."""
    found = await connection.execute(select(DISPUTES).where(DISPUTES.c.id == dispute_id))
    row = found.mappings().one_or_none()
    if row is None:
        raise DisputeMissing(f"there is no dispute {dispute_id}")
    return Dispute(**row)


async def of_charge(connection: AsyncConnection, charge_id: str) -> Sequence[Dispute]:
    """Oldest first."""
    query = select(DISPUTES).where(DISPUTES.c.charge_id == charge_id).order_by(DISPUTES.c.id)
    return [Dispute(**row) for row in (await connection.execute(query)).mappings()]
