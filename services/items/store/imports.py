"""Imports, their sources while they last, and their reports."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.unit import Unit
from services.items.domain.imports import Fault, Import, ImportMissing
from services.items.store.dialect import insert_into
from services.items.tables import IMPORT_FAULTS, IMPORT_SOURCES, IMPORTS

_IMPORT = select(*(IMPORTS.c[name] for name in Import.__struct_fields__))
_FAULT = select(*(IMPORT_FAULTS.c[name] for name in Fault.__struct_fields__))


async def add(unit: Unit, wanted: Import, source: bytes) -> None:
    """A new one, nothing of which was taken in yet."""
    await unit.connection.execute(insert(IMPORTS).values(msgspec.structs.asdict(wanted)))
    await unit.connection.execute(insert(IMPORT_SOURCES).values(import_id=wanted.id, source=source))


async def locked(unit: Unit, import_id: UUID) -> Import:
    """Nobody else goes on with it until the unit ends. Raises `ImportMissing`."""
    return await _one(unit.connection, _IMPORT.where(IMPORTS.c.id == import_id).with_for_update(), import_id)


async def find(connection: AsyncConnection, import_id: UUID, seller_id: UUID | None = None) -> Import:
    """Raises `ImportMissing`, for another seller's too if `seller_id` is given."""
    query = _IMPORT.where(IMPORTS.c.id == import_id)
    if seller_id is not None:
        query = query.where(IMPORTS.c.seller_id == seller_id)
    return await _one(connection, query, import_id)


async def _one(connection: AsyncConnection, query: Select[*tuple[object, ...]], import_id: UUID) -> Import:
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise ImportMissing(import_id)
    return Import(**row)


async def of_seller(connection: AsyncConnection, seller_id: UUID, *, before: UUID | None, limit: int) -> list[Import]:
    """Newest first, one more than `limit` if there are more."""
    query = _IMPORT.where(IMPORTS.c.seller_id == seller_id).order_by(IMPORTS.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(IMPORTS.c.id < before)
    return [Import(**row) for row in (await connection.execute(query)).mappings()]


async def save(unit: Unit, after: Import) -> None:
    """Of one that `locked` gave."""
    await unit.connection.execute(update(IMPORTS).where(IMPORTS.c.id == after.id).values(msgspec.structs.asdict(after)))
    if after.finished_at is not None:
        await unit.connection.execute(delete(IMPORT_SOURCES).where(IMPORT_SOURCES.c.import_id == after.id))


async def report(unit: Unit, import_id: UUID, faults: Sequence[Fault]) -> None:
    """Once a row."""
    rows = [{"import_id": import_id, **msgspec.structs.asdict(fault)} for fault in faults]
    await unit.connection.execute(insert_into(unit, IMPORT_FAULTS).on_conflict_do_nothing(), rows)


async def faults(connection: AsyncConnection, import_id: UUID, *, after: int, limit: int) -> list[Fault]:
    """By line, one more than `limit` if there are more."""
    wanted = (IMPORT_FAULTS.c.import_id == import_id) & (IMPORT_FAULTS.c.line > after)
    query = _FAULT.where(wanted).order_by(IMPORT_FAULTS.c.line).limit(limit + 1)
    return [Fault(**row) for row in (await connection.execute(query)).mappings()]


async def open_ones(connection: AsyncConnection) -> Sequence[UUID]:
    """Not done; oldest first."""
    wanted = IMPORTS.c.finished_at.is_(None)
    return (await connection.execute(select(IMPORTS.c.id).where(wanted).order_by(IMPORTS.c.id))).scalars().all()


async def source(connection: AsyncConnection, import_id: UUID) -> bytes | None:
    """None once the import is done."""
    query = select(IMPORT_SOURCES.c.source).where(IMPORT_SOURCES.c.import_id == import_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def forget(unit: Unit, seller_id: UUID) -> None:
    """Everything the seller has brought in, and the reports."""
    theirs = select(IMPORTS.c.id).where(IMPORTS.c.seller_id == seller_id)
    await unit.connection.execute(delete(IMPORT_SOURCES).where(IMPORT_SOURCES.c.import_id.in_(theirs)))
    await unit.connection.execute(delete(IMPORT_FAULTS).where(IMPORT_FAULTS.c.import_id.in_(theirs)))
    await unit.connection.execute(delete(IMPORTS).where(IMPORTS.c.seller_id == seller_id))
