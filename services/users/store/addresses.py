"""Address books."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database import Database, Unit
from services.contracts.users import Address
from services.users.domain.profiles import AddressMissing, SavedAddress
from services.users.tables import ADDRESSES

_ALL = select(*(ADDRESSES.c[name] for name in SavedAddress.__struct_fields__))


async def owned(database: Database, user_id: UUID) -> Sequence[SavedAddress]:
    """The whole book, the default first, then the newest."""
    query = _ALL.where(ADDRESSES.c.user_id == user_id).order_by(ADDRESSES.c.is_default.desc(), ADDRESSES.c.id.desc())
    async with database.reading() as connection:
        return [_saved(row) for row in (await connection.execute(query)).mappings()]


async def get(database: Database, user_id: UUID, address_id: UUID) -> SavedAddress:
    """As committed. Raises `AddressMissing`."""
    async with database.reading() as connection:
        return await _one(connection, user_id, address_id)


async def load(unit: Unit, user_id: UUID, address_id: UUID) -> SavedAddress:
    """For a change; the owner is held. Raises `AddressMissing`."""
    return await _one(unit.connection, user_id, address_id)


async def count(unit: Unit, user_id: UUID) -> int:
    """How many the book has."""
    query = select(func.count()).where(ADDRESSES.c.user_id == user_id)
    return (await unit.connection.execute(query)).scalar_one()


async def add(unit: Unit, saved: SavedAddress) -> None:
    """A new one."""
    await unit.connection.execute(insert(ADDRESSES).values(_values(saved)))


async def save(unit: Unit, saved: SavedAddress) -> None:
    """As it is to be."""
    await unit.connection.execute(update(ADDRESSES).where(ADDRESSES.c.id == saved.id).values(_values(saved)))


async def remove(unit: Unit, address_id: UUID) -> None:
    """It is gone; orders keep their own copies."""
    await unit.connection.execute(delete(ADDRESSES).where(ADDRESSES.c.id == address_id))


async def set_default(unit: Unit, user_id: UUID, address_id: UUID | None) -> None:
    """This one and no other; None: the newest there is."""
    await unit.connection.execute(update(ADDRESSES).where(ADDRESSES.c.user_id == user_id).values(is_default=False))
    mine = select(ADDRESSES.c.id).where(ADDRESSES.c.user_id == user_id)
    newest = mine.order_by(ADDRESSES.c.id.desc()).limit(1).scalar_subquery()
    chosen = newest if address_id is None else address_id
    await unit.connection.execute(update(ADDRESSES).where(ADDRESSES.c.id == chosen).values(is_default=True))


async def remove_all(unit: Unit, user_id: UUID) -> None:
    """The whole book."""
    await unit.connection.execute(delete(ADDRESSES).where(ADDRESSES.c.user_id == user_id))


async def _one(connection: AsyncConnection, user_id: UUID, address_id: UUID) -> SavedAddress:
    query = _ALL.where(ADDRESSES.c.user_id == user_id, ADDRESSES.c.id == address_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise AddressMissing
    return _saved(row)


def _saved(row: RowMapping) -> SavedAddress:
    return SavedAddress(**{**row, "address": msgspec.convert(row["address"], Address)})


def _values(saved: SavedAddress) -> dict[str, object]:
    return {**msgspec.structs.asdict(saved), "address": msgspec.structs.asdict(saved.address)}
