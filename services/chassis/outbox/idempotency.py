"""One effect per `Idempotency-Key`: the saved reply commits with the effect it reports.

A use case that fits in one unit calls `claim` first and `settle` last, in that unit. One that takes several (checkout)
calls `claim` in the first and `settle` in the last; meanwhile the same key is answered `KeyInFlight`. `claim_unseen`
saves the question, and `earlier` asks it when the unit has failed.
"""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis.database.engine import Database
from services.chassis.database.unit import Unit
from services.chassis.database.writes import RowValues
from services.chassis.errors import Conflict, Invalid
from services.chassis.outbox.tables import JOURNAL

IDEMPOTENCY = JOURNAL.idempotency
KEPT_FOR = timedelta(days=7)


class Claim(Struct, frozen=True, kw_only=True):
    """Who asks for what, and under which key."""

    actor: str
    """User id, or what stands for it."""
    route: str
    key: str
    fingerprint: bytes
    """SHA-256 of method, path and body."""


class SavedReply(Struct, frozen=True, kw_only=True):
    """The answer that was given."""

    status: int
    body: bytes


class KeyReused(Invalid):
    """The key was used before, for something else."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"


class KeyInFlight(Conflict):
    """The first request with this key has not ended."""

    code = "idempotency_key_in_flight"
    title = "The same request is still being served"


class KeyTaken(Conflict):
    """The key was used before; `earlier` says what for."""

    code = "idempotency_key_taken"
    title = "Idempotency key used before"


async def claim(unit: Unit, wanted: Claim) -> SavedReply | None:
    """None: the key is ours, go on. A reply: it was done before, answer this. Raises `KeyReused`, `KeyInFlight`."""
    insert = postgresql.insert if unit.connection.dialect.name == "postgresql" else sqlite.insert
    inserted = await unit.connection.execute(insert(IDEMPOTENCY).values(_to_row(unit, wanted)).on_conflict_do_nothing())
    if inserted.rowcount == 1:
        return None
    return await _earlier(unit, wanted)


def claim_unseen(unit: Unit, wanted: Claim) -> None:
    """Take the key when the unit ends, which fails `KeyTaken` if it was taken before: then ask `earlier`."""
    unit.insert(IDEMPOTENCY, [_to_row(unit, wanted)], otherwise=KeyTaken("this Idempotency-Key was used before"))


def _to_row(unit: Unit, wanted: Claim) -> RowValues:
    return {
        "actor": wanted.actor,
        "route": wanted.route,
        "key": wanted.key,
        "fingerprint": wanted.fingerprint,
        "created_at": unit.now,
    }


async def earlier(database: Database, wanted: Claim) -> SavedReply | None:
    """What was answered under the key before; None: it is new. Raises `KeyReused`, `KeyInFlight`."""
    async with database.reading() as connection:
        found = (await connection.execute(_by_key(wanted))).one_or_none()
    return None if found is None else _answered(found, wanted)


async def _earlier(unit: Unit, wanted: Claim) -> SavedReply:
    return _answered((await unit.connection.execute(_by_key(wanted))).one(), wanted)


def _by_key(wanted: Claim) -> Select[bytes, int | None, bytes | None]:
    columns = IDEMPOTENCY.c
    return select(columns.fingerprint, columns.status, columns.body).where(*_same(wanted))


def _answered(found: Row[bytes, int | None, bytes | None], wanted: Claim) -> SavedReply:
    if found.fingerprint != wanted.fingerprint:
        raise KeyReused("this Idempotency-Key was used for another request")
    if found.status is None:
        raise KeyInFlight("the first request with this Idempotency-Key is still being served")
    return SavedReply(status=found.status, body=found.body)


async def settle(unit: Unit, done: Claim, reply: SavedReply) -> None:
    """Keep the reply for later requests with the same key."""
    row = {"actor": done.actor, "route": done.route, "key": done.key, "status": reply.status, "body": reply.body}
    unit.change(IDEMPOTENCY, [row], key=("actor", "route", "key"))


async def forget_old(unit: Unit, *, now: datetime) -> int:
    """Drop what is older than `KEPT_FOR`; how many."""
    result = await unit.connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.created_at < now - KEPT_FOR))
    return result.rowcount


def _same(wanted: Claim) -> tuple[ColumnElement[bool], ...]:
    columns = IDEMPOTENCY.c
    return columns.actor == wanted.actor, columns.route == wanted.route, columns.key == wanted.key
