"""What was answered under which idempotency key, and the fault rates that hold."""

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.unit import Unit
from services.sandbox.domain.charges import Operation
from services.sandbox.domain.faults import Faults
from services.sandbox.tables import FAULTS, REQUESTS

ONLY_ROW = 1


class Answered(Struct, frozen=True, kw_only=True):
    """One request that took effect, and the reply it got."""

    key: str
    operation: Operation
    fingerprint: bytes
    """SHA-256 of operation and body."""
    charge_id: str
    refund_id: str | None
    reply: bytes


class KeyKnown(Exception):
    """A request with this key took effect before; `answered` tells what it got."""


ANSWERED = select(*(REQUESTS.c[name] for name in Answered.__struct_fields__)).where(REQUESTS.c.key == bindparam("of"))


async def answered(connection: AsyncConnection, key: str) -> Answered | None:
    """None: the key is new."""
    row = (await connection.execute(ANSWERED, {"of": key})).mappings().one_or_none()
    return None if row is None else Answered(**row)


def keep(unit: Unit, answer: Answered) -> None:
    """The unit fails `KeyKnown` when another request with the same key committed first."""
    row = {**msgspec.structs.asdict(answer), "created_at": unit.now}
    unit.insert(REQUESTS, [row], otherwise=KeyKnown())


async def faults(connection: AsyncConnection) -> Faults:
    """As last set; all off at first."""
    found = (await connection.execute(select(FAULTS.c.faults))).scalar_one_or_none()
    return Faults() if found is None else msgspec.convert(found, Faults)


async def save_faults(connection: AsyncConnection, wanted: Faults) -> None:
    """In place of what was set before."""
    await connection.execute(FAULTS.delete())
    await connection.execute(insert(FAULTS).values(id=ONLY_ROW, faults=msgspec.to_builtins(wanted)))
