"""Accounts, and the recovery codes that belong to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.accounts import User, UserMissing
from services.auth.store.inserting import insert_into
from services.auth.tables import RECOVERY_CODES, USERS
from services.chassis.database import Database, Unit

_ALL = select(*(USERS.c[name] for name in User.__struct_fields__))


class Wanted(Struct, frozen=True, kw_only=True):
    """Which users staff looks for; None: does not matter."""

    email_key: str | None = None
    staff: bool | None = None
    seller: bool | None = None
    suspended: bool | None = None


async def by_email(database: Database, email_key: str) -> User | None:
    """As committed."""
    async with database.reading() as connection:
        return await _one(connection, _ALL.where(USERS.c.email_key == email_key))


async def get(database: Database, user_id: UUID) -> User:
    """As committed. Raises `UserMissing`."""
    async with database.reading() as connection:
        found = await _one(connection, _ALL.where(USERS.c.id == user_id))
    if found is None:
        raise UserMissing
    return found


async def peek(unit: Unit, user_id: UUID) -> User:
    """Without a lock, for who holds a session's already: users are locked before sessions. Raises `UserMissing`."""
    found = await _one(unit.connection, _ALL.where(USERS.c.id == user_id))
    if found is None:
        raise UserMissing
    return found


async def load(unit: Unit, user_id: UUID) -> User:
    """Locked until the unit ends. Raises `UserMissing`."""
    found = await find(unit, user_id)
    if found is None:
        raise UserMissing
    return found


async def find(unit: Unit, user_id: UUID) -> User | None:
    """Locked until the unit ends; None when there is none."""
    return await _one(unit.connection, _ALL.where(USERS.c.id == user_id).with_for_update())


async def find_by_email(unit: Unit, email_key: str) -> User | None:
    """Locked until the unit ends; None when there is none."""
    return await _one(unit.connection, _ALL.where(USERS.c.email_key == email_key).with_for_update())


async def add(unit: Unit, user: User) -> bool:
    """False when the address has an account."""
    new = insert_into(unit, USERS).values(msgspec.structs.asdict(user))
    return (await unit.connection.execute(new.on_conflict_do_nothing())).rowcount == 1


async def save(unit: Unit, user: User) -> None:
    """What `load` or `find` locked, as it is to be."""
    values = msgspec.structs.asdict(user)
    await unit.connection.execute(update(USERS).where(USERS.c.id == user.id).values(values))


async def remove(unit: Unit, user_id: UUID) -> None:
    """With everything that belongs to it."""
    await unit.connection.execute(delete(USERS).where(USERS.c.id == user_id))


async def page(database: Database, wanted: Wanted, *, after: UUID | None, limit: int) -> Sequence[User]:
    """Oldest first, at most `limit`."""
    query = _ALL.order_by(USERS.c.id).limit(limit)
    for column, value in ((USERS.c.is_staff, wanted.staff), (USERS.c.is_seller, wanted.seller)):
        query = query if value is None else query.where(column.is_(value))
    if wanted.email_key is not None:
        query = query.where(USERS.c.email_key == wanted.email_key)
    if wanted.suspended is not None:
        suspended = USERS.c.suspended_at
        query = query.where(suspended.is_not(None) if wanted.suspended else suspended.is_(None))
    if after is not None:
        query = query.where(USERS.c.id > after)
    async with database.reading() as connection:
        return [User(**row) for row in (await connection.execute(query)).mappings()]


async def unverified_since(unit: Unit, moment: datetime, *, limit: int) -> Sequence[User]:
    """Accounts made before `moment` that nobody has verified, locked; those that others hold are left for next time."""
    stale = (USERS.c.verified_at.is_(None), USERS.c.created_at < moment)
    query = _ALL.where(*stale).limit(limit).with_for_update(skip_locked=True)
    return [User(**row) for row in (await unit.connection.execute(query)).mappings()]


async def keep_recovery_codes(unit: Unit, user_id: UUID, hashes: Sequence[bytes]) -> None:
    """In place of those there were."""
    await unit.connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user_id == user_id))
    if hashes:
        await unit.connection.execute(
            insert(RECOVERY_CODES), [{"user_id": user_id, "code_hash": code_hash} for code_hash in hashes]
        )


async def spend_recovery_code(unit: Unit, user_id: UUID, code_hash: bytes) -> bool:
    """False when there is no such code, or not any more."""
    columns = RECOVERY_CODES.c
    spent = delete(RECOVERY_CODES).where(columns.user_id == user_id, columns.code_hash == code_hash)
    return (await unit.connection.execute(spent)).rowcount == 1


async def _one(connection: AsyncConnection, query: Select[tuple[object, ...]]) -> User | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else User(**row)
