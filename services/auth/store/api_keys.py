"""API keys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, insert, select

from services.auth.domain.accounts import User
from services.auth.domain.api_keys import ApiKey
from services.auth.tables import API_KEYS, USERS
from services.chassis.database import Database, Unit

_KEY = [API_KEYS.c[name] for name in ApiKey.__struct_fields__]
_USER = [USERS.c[name].label(f"user_{name}") for name in User.__struct_fields__]


async def add(unit: Unit, key: ApiKey) -> None:
    """A new one."""
    await unit.connection.execute(insert(API_KEYS).values(msgspec.structs.asdict(key)))


async def count(unit: Unit, user_id: UUID) -> int:
    """How many the user has."""
    query = select(func.count()).where(API_KEYS.c.user_id == user_id)
    return (await unit.connection.execute(query)).scalar_one()


async def owned(database: Database, user_id: UUID) -> Sequence[ApiKey]:
    """All of the user's, newest first."""
    query = select(*_KEY).where(API_KEYS.c.user_id == user_id).order_by(API_KEYS.c.id.desc())
    async with database.reading() as connection:
        return [ApiKey(**row) for row in (await connection.execute(query)).mappings()]


async def remove(unit: Unit, user_id: UUID, *, only: UUID | None = None) -> Sequence[UUID]:
    """All of the user's, or `only` one; those that this has removed."""
    query = delete(API_KEYS).where(API_KEYS.c.user_id == user_id)
    if only is not None:
        query = query.where(API_KEYS.c.id == only)
    return list((await unit.connection.execute(query.returning(API_KEYS.c.id))).scalars())


async def resolve(database: Database, key_hash: bytes, *, now: datetime) -> tuple[ApiKey, User] | None:
    """The key and its owner; None when it is unknown or has expired."""
    query = select(*_KEY, *_USER).join(USERS, USERS.c.id == API_KEYS.c.user_id).where(API_KEYS.c.key_hash == key_hash)
    async with database.reading() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    key = ApiKey(**dict(zip(ApiKey.__struct_fields__, row, strict=False)))
    user = User(**dict(zip(User.__struct_fields__, row[len(_KEY) :], strict=True)))
    return None if key.expires_at is not None and key.expires_at <= now else (key, user)
