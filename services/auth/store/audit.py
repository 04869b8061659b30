"""The audit log: appended to, read, and never changed but to delete the details of a person who was erased."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Select, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.audit import Action, Entry, Head
from services.auth.tables import AUDIT, AUDIT_HEAD
from services.chassis.database import Database, Unit

_ENTRY = [AUDIT.c[name] for name in Entry.__struct_fields__]


async def lock_head(unit: Unit) -> Head:
    """The end of the chain. Entries queue here, so take it as the last thing in a unit."""
    query = select(AUDIT_HEAD.c.seq, AUDIT_HEAD.c.digest).with_for_update()
    return Head(**(await unit.connection.execute(query)).mappings().one())


async def append(unit: Unit, entry: Entry) -> None:
    """The entry becomes the end of the chain."""
    await unit.connection.execute(insert(AUDIT).values(msgspec.structs.asdict(entry)))
    await unit.connection.execute(update(AUDIT_HEAD).values(seq=entry.seq, digest=entry.digest))


async def head(database: Database) -> Head:
    """The end of the chain as committed."""
    async with database.reading() as connection:
        query = select(AUDIT_HEAD.c.seq, AUDIT_HEAD.c.digest)
        return Head(**(await connection.execute(query)).mappings().one())


async def page(
    database: Database, *, subject_id: UUID | None = None, before: int | None = None, limit: int
) -> Sequence[Entry]:
    """Newest first, at most `limit`; of one subject or of all."""
    query = select(*_ENTRY).order_by(AUDIT.c.seq.desc()).limit(limit)
    if subject_id is not None:
        query = query.where(AUDIT.c.subject_id == subject_id)
    if before is not None:
        query = query.where(AUDIT.c.seq < before)
    async with database.reading() as connection:
        return await _entries(connection, query)


async def stretch(database: Database, *, after: int, limit: int) -> Sequence[Entry]:
    """Oldest first, for walking the chain."""
    query = select(*_ENTRY).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq).limit(limit)
    async with database.reading() as connection:
        return await _entries(connection, query)


async def erased(database: Database) -> frozenset[UUID]:
    """Whose details may be gone."""
    query = select(AUDIT.c.subject_id).where(AUDIT.c.action == Action.ERASED, AUDIT.c.subject_id.is_not(None))
    async with database.reading() as connection:
        return frozenset((await connection.execute(query)).scalars())


async def forget_details(unit: Unit, subject_id: UUID) -> None:
    """The entries stay; what they say of the person goes, and with the salt the way back."""
    gone = {"details": null(), "salt": None}
    await unit.connection.execute(update(AUDIT).where(AUDIT.c.subject_id == subject_id).values(gone))


async def _entries(connection: AsyncConnection, query: Select[tuple[object, ...]]) -> Sequence[Entry]:
    return [Entry(**row) for row in (await connection.execute(query)).mappings()]
