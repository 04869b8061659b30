"""Devices that a user has logged in from before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.auth.tables import DEVICES, USERS
from services.chassis.database import Database, Unit


async def known(database: Database, token_hash: bytes, *, email_key: str) -> UUID | None:
    """The device, if it is one of the user with this address."""
    query = select(DEVICES.c.id).join(USERS, USERS.c.id == DEVICES.c.user_id)
    ours = query.where(DEVICES.c.token_hash == token_hash, USERS.c.email_key == email_key)
    async with database.reading() as connection:
        return (await connection.execute(ours)).scalar_one_or_none()


async def add(unit: Unit, device_id: UUID, user_id: UUID, token_hash: bytes) -> None:
    """A new one."""
    row = {"id": device_id, "user_id": user_id, "token_hash": token_hash, "seen_at": unit.now}
    await unit.connection.execute(insert(DEVICES).values(row))


async def see(unit: Unit, device_id: UUID) -> None:
    """It is in use."""
    await unit.connection.execute(update(DEVICES).where(DEVICES.c.id == device_id).values(seen_at=unit.now))


async def forget(unit: Unit, user_id: UUID) -> None:
    """All of the user's."""
    await unit.connection.execute(delete(DEVICES).where(DEVICES.c.user_id == user_id))


async def forget_unseen(unit: Unit, *, since: datetime) -> None:
    """Those not used since then."""
    await unit.connection.execute(delete(DEVICES).where(DEVICES.c.seen_at < since))
