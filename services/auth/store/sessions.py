"""Sessions, their refresh tokens, and the revocations that the gateway must know of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, select, update

from services.auth.domain.sessions import RefreshToken, Session
from services.auth.store.inserting import insert_into
from services.auth.tables import REFRESH_TOKENS, REVOCATIONS, SESSIONS
from services.chassis.database import Database, Unit
from services.contracts.auth import RevokedSession

_SESSION = [SESSIONS.c[name] for name in Session.__struct_fields__]
_TOKEN = [REFRESH_TOKENS.c[name] for name in RefreshToken.__struct_fields__]


async def add(unit: Unit, session: Session) -> None:
    """A new one."""
    await unit.connection.execute(insert(SESSIONS).values(msgspec.structs.asdict(session)))


async def add_token(unit: Unit, token: RefreshToken) -> None:
    """The next link of a session."""
    await unit.connection.execute(insert(REFRESH_TOKENS).values(msgspec.structs.asdict(token)))


async def find_token(unit: Unit, token_hash: bytes) -> tuple[RefreshToken, Session] | None:
    """The token, locked until the unit ends, and its session; None when there is no such token."""
    found = select(*_TOKEN).where(REFRESH_TOKENS.c.token_hash == token_hash).with_for_update()
    row = (await unit.connection.execute(found)).mappings().one_or_none()
    if row is None:
        return None
    token = RefreshToken(**row)
    family = select(*_SESSION).where(SESSIONS.c.id == token.session_id)
    return token, Session(**(await unit.connection.execute(family)).mappings().one())


async def is_unused(unit: Unit, token_hash: bytes) -> bool:
    """Whether there is such a token and nobody has presented it."""
    columns = REFRESH_TOKENS.c
    query = select(columns.token_hash).where(columns.token_hash == token_hash, columns.used_at.is_(None))
    return (await unit.connection.execute(query)).first() is not None


async def use_token(unit: Unit, token: RefreshToken, *, retry_hash: bytes | None) -> None:
    """It has been presented; it was locked by `find_token`."""
    used = update(REFRESH_TOKENS).where(REFRESH_TOKENS.c.token_hash == token.token_hash)
    await unit.connection.execute(used.values(used_at=unit.now, retry_hash=retry_hash))


async def touch(unit: Unit, session_id: UUID) -> bool:
    """It is in use now. False when it has been revoked."""
    alive = update(SESSIONS).where(SESSIONS.c.id == session_id, SESSIONS.c.revoked_at.is_(None))
    return (await unit.connection.execute(alive.values(used_at=unit.now))).rowcount == 1


async def revoke(unit: Unit, user_id: UUID, *, only: UUID | None = None, but: UUID | None = None) -> Sequence[UUID]:
    """End the user's sessions: all, `only` one, or all `but` one; those that this has ended."""
    query = update(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.revoked_at.is_(None))
    if only is not None:
        query = query.where(SESSIONS.c.id == only)
    if but is not None:
        query = query.where(SESSIONS.c.id != but)
    return list((await unit.connection.execute(query.values(revoked_at=unit.now).returning(SESSIONS.c.id))).scalars())


async def add_revocations(unit: Unit, session_ids: Sequence[UUID], *, until: datetime) -> None:
    """Access tokens of these sessions are void until they have expired."""
    if session_ids:
        rows = [{"session_id": session_id, "until": until} for session_id in session_ids]
        await unit.connection.execute(insert_into(unit, REVOCATIONS).on_conflict_do_nothing(), rows)


async def revocations(database: Database, *, now: datetime) -> list[RevokedSession]:
    """Those that still matter."""
    query = select(REVOCATIONS.c.session_id, REVOCATIONS.c.until).where(REVOCATIONS.c.until > now)
    async with database.reading() as connection:
        return [RevokedSession(**row) for row in (await connection.execute(query)).mappings()]


async def page(
    database: Database, user_id: UUID, *, now: datetime, before: UUID | None, limit: int
) -> Sequence[Session]:
    """The user's living sessions, newest first, at most `limit`."""
    columns = SESSIONS.c
    query = select(*_SESSION).where(columns.user_id == user_id, columns.revoked_at.is_(None), columns.expires_at > now)
    if before is not None:
        query = query.where(columns.id < before)
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(columns.id.desc()).limit(limit))
        return [Session(**row) for row in rows.mappings()]


async def forget_ended(unit: Unit) -> None:
    """What has expired proves nothing any more. Used tokens stay as long as they would have lived, to show reuse."""
    for column in (REFRESH_TOKENS.c.expires_at, SESSIONS.c.expires_at, REVOCATIONS.c.until):
        await unit.connection.execute(delete(column.table).where(column < unit.now))
