"""How much API keys are used."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select, tuple_

from services.chassis.database import Database, Unit
from services.gateway.domain.usage import KeyUsage
from services.gateway.store.inserting import insert_into
from services.gateway.tables import KEY_USAGE

_ALL = select(KEY_USAGE).order_by(KEY_USAGE.c.day.desc(), KEY_USAGE.c.key_id.desc())


async def add(unit: Unit, usages: Sequence[KeyUsage]) -> None:
    """Count on from what is there."""
    # Always in one order, so that two processes that count the same keys do not wait for each other in a circle.
    for usage in sorted(usages, key=lambda usage: (usage.key_id, usage.day)):
        insert = insert_into(unit, KEY_USAGE).values(msgspec.structs.asdict(usage))
        more = KEY_USAGE.c.requests + usage.requests
        await unit.connection.execute(
            insert.on_conflict_do_update(index_elements=["key_id", "day"], set_={"requests": more})
        )


async def page(
    database: Database, *, user_id: UUID | None, before: tuple[date, UUID] | None, limit: int
) -> list[KeyUsage]:
    """Newest day first; of one user's keys, or of all."""
    query = _ALL.limit(limit)
    if user_id is not None:
        query = query.where(KEY_USAGE.c.user_id == user_id)
    if before is not None:
        query = query.where(tuple_(KEY_USAGE.c.day, KEY_USAGE.c.key_id) < before)
    async with database.reading() as connection:
        rows = (await connection.execute(query)).mappings().all()
    return [KeyUsage(**row) for row in rows]
