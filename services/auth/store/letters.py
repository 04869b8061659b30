"""Mails that are owed, and their tokens. A letter is claimed by a lease: if its writer dies, another sends it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, select, update

from services.auth.domain.letters import Kind, Letter, Purpose
from services.auth.tables import LETTERS, MAIL_TOKENS, USERS
from services.chassis.database import Database, Unit

CLAIMED_AT_ONCE = 20
LEASE = timedelta(seconds=60)
_LETTER = [LETTERS.c[name] for name in Letter.__struct_fields__]


async def add(unit: Unit, letter: Letter) -> None:
    """Owed from now on."""
    await unit.connection.execute(insert(LETTERS).values(msgspec.structs.asdict(letter)))


async def any_due(database: Database, now: datetime) -> bool:
    """Whether `claim` would find something; asking takes no lock."""
    async with database.reading() as connection:
        return (
            await connection.execute(select(LETTERS.c.id).where(LETTERS.c.due_at <= now).limit(1))
        ).first() is not None


async def claim(unit: Unit) -> Sequence[Letter]:
    """Those that are due, ours for the length of a lease, with this try counted."""
    due = select(LETTERS.c.id).where(LETTERS.c.due_at <= unit.now).order_by(LETTERS.c.due_at)
    ours = due.limit(CLAIMED_AT_ONCE).with_for_update(skip_locked=True)
    values = {"attempts": LETTERS.c.attempts + 1, "due_at": unit.now + LEASE}
    taken = update(LETTERS).where(LETTERS.c.id.in_(ours)).values(values).returning(*_LETTER)
    rows = (await unit.connection.execute(taken)).mappings()
    return [Letter(**{**row, "kind": Kind(row["kind"])}) for row in rows]


async def put_off(unit: Unit, letter_id: UUID, until: datetime) -> None:
    """It could not be sent."""
    await unit.connection.execute(update(LETTERS).where(LETTERS.c.id == letter_id).values(due_at=until))


async def remove(unit: Unit, letter_id: UUID) -> None:
    """It was sent, or never will be."""
    await unit.connection.execute(delete(LETTERS).where(LETTERS.c.id == letter_id))


async def remove_to(unit: Unit, email_key: str) -> None:
    """All that are owed to an address."""
    await unit.connection.execute(delete(LETTERS).where(LETTERS.c.email_key == email_key))


async def add_token(unit: Unit, user_id: UUID, purpose: Purpose, token_hash: bytes, expires_at: datetime) -> None:
    """A token that is about to be mailed."""
    row = {"token_hash": token_hash, "user_id": user_id, "purpose": purpose, "expires_at": expires_at}
    await unit.connection.execute(insert(MAIL_TOKENS).values(row))


async def whose_token(unit: Unit, purpose: Purpose, token_hash: bytes) -> UUID | None:
    """None when it is unknown, spent or expired. Lock the user next, then `spend_token`."""
    columns = MAIL_TOKENS.c
    good = (columns.token_hash == token_hash, columns.purpose == purpose, columns.expires_at > unit.now)
    return (await unit.connection.execute(select(columns.user_id).where(*good))).scalar_one_or_none()


async def address_of(database: Database, purpose: Purpose, token_hash: bytes, *, now: datetime) -> str | None:
    """Key of the address the token was mailed to; None when it is unknown, spent or expired."""
    columns = MAIL_TOKENS.c
    query = select(USERS.c.email_key).join(MAIL_TOKENS, columns.user_id == USERS.c.id)
    good = (columns.token_hash == token_hash, columns.purpose == purpose, columns.expires_at > now)
    async with database.reading() as connection:
        return (await connection.execute(query.where(*good))).scalar_one_or_none()


async def spend_token(unit: Unit, token_hash: bytes) -> bool:
    """False when another request has spent it since."""
    spent = delete(MAIL_TOKENS).where(MAIL_TOKENS.c.token_hash == token_hash)
    return (await unit.connection.execute(spent)).rowcount == 1


async def void_tokens(unit: Unit, user_id: UUID, purpose: Purpose) -> None:
    """Earlier mails of this kind do nothing any more."""
    columns = MAIL_TOKENS.c
    await unit.connection.execute(delete(MAIL_TOKENS).where(columns.user_id == user_id, columns.purpose == purpose))


async def forget_expired(unit: Unit) -> None:
    """Tokens whose time is over."""
    await unit.connection.execute(delete(MAIL_TOKENS).where(MAIL_TOKENS.c.expires_at < unit.now))
