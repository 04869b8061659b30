"""Refunds: each is locked with its checkout, and found again when its time comes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, select, update

from services.chassis.database import Database, Prepared, Unit, single
from services.orders.domain.checkouts import LEASE
from services.orders.domain.refunds import Refund, RefundLine, RefundMissing
from services.orders.store.checkouts import Overtaken
from services.orders.tables import REFUNDS

_PLAIN = tuple(name for name in Refund.__struct_fields__ if name != "lines")
_ANY_DUE: Prepared[UUID] = Prepared(select(REFUNDS.c.id).where(REFUNDS.c.due_at <= bindparam("now")).limit(1), single)


def add(unit: Unit, refund: Refund) -> None:
    """A new one."""
    unit.insert(REFUNDS, [{**msgspec.structs.asdict(refund), "lines": msgspec.to_builtins(refund.lines)}])


def save(unit: Unit, seen: Refund, refund: Refund) -> Refund:
    """`refund` with its new version. The unit fails `Overtaken` if somebody has changed it since `seen`."""
    saved = msgspec.structs.replace(refund, version=seen.version + 1)
    unit.compare_and_set(
        REFUNDS,
        {"id": seen.id, "version": seen.version},
        {name: getattr(saved, name) for name in ("state", "version", "restocked", "attempts", "due_at")},
        otherwise=Overtaken(f"refund {seen.id} is not in version {seen.version} any more"),
    )
    return saved


async def find(database: Database, refund_id: UUID) -> Refund | None:
    """None: there is no such refund."""
    async with database.reading() as connection:
        row = (await connection.execute(select(REFUNDS).where(REFUNDS.c.id == refund_id))).one_or_none()
    return None if row is None else _refund(row)


async def read(unit: Unit, refund_id: UUID) -> Refund:
    """In this unit. Raises `RefundMissing`."""
    row = (await unit.connection.execute(select(REFUNDS).where(REFUNDS.c.id == refund_id))).one_or_none()
    if row is None:
        raise RefundMissing("there is no such refund")
    return _refund(row)


async def of_order(database: Database, order_id: UUID) -> Sequence[Refund]:
    """Oldest first."""
    query = select(REFUNDS).where(REFUNDS.c.order_id == order_id).order_by(REFUNDS.c.id)
    async with database.reading() as connection:
        return [_refund(row) for row in await connection.execute(query)]


async def any_due(database: Database, now: datetime) -> bool:
    """Whether `lease_due` would find something."""
    return bool(await database.fetch(_ANY_DUE, now=now))


async def lease_due(unit: Unit, *, most: int) -> Sequence[UUID]:
    """Refunds whose timer has run out, now leased to whoever asked."""
    columns = REFUNDS.c
    due = (
        select(columns.id)
        .where(columns.due_at <= unit.now)
        .order_by(columns.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = (await unit.connection.execute(due)).scalars().all()
    if ids:
        leased = update(REFUNDS).where(columns.id.in_(ids))
        await unit.connection.execute(leased.values(due_at=unit.now + LEASE, version=columns.version + 1))
    return ids


def _refund(row: Row[*tuple[object, ...]]) -> Refund:
    values = {name: getattr(row, name) for name in _PLAIN}
    return Refund(**values, lines=msgspec.convert(row.lines, tuple[RefundLine, ...]))
