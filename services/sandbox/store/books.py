"""Charges and refunds: kept, changed under a lock, listed and added up."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Cast,
    ColumnElement,
    Select,
    bindparam,
    case,
    cast,
    func,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.unit import Unit
from services.sandbox.domain.charges import Charge, ChargeMissing, Refund
from services.sandbox.store.requests import KeyKnown
from services.sandbox.tables import CHARGES, DISPUTES, REFUNDS

DUE_AT_ONCE = 100

# Built once: putting a statement together costs more than sending it.
CHARGE_CHANGES = ("state", "version", "captured_minor", "refunded_minor", "disputed_minor", "reason", "settles_at")
CHARGE = select(CHARGES).where(CHARGES.c.id == bindparam("of"))
LOCK_CHARGE = CHARGE.with_for_update()
REFUND = select(REFUNDS).where(REFUNDS.c.id == bindparam("of"))


class Totals(Struct, frozen=True, kw_only=True):
    """What the books say of one reference in one currency. Failed and pending refunds do not count."""

    reference: str
    currency: str
    charges: int
    authorized_minor: int
    """Of charges that are authorised and neither captured nor voided."""
    captured_minor: int
    refunded_minor: int
    lost_minor: int
    """To disputes."""


def add_charge(unit: Unit, charge: Charge) -> None:
    """A new one. The unit fails `KeyKnown` when its key was used before."""
    unit.insert(CHARGES, [msgspec.structs.asdict(charge)], otherwise=KeyKnown())


def add_refund(unit: Unit, refund: Refund) -> None:
    """A new one. The unit fails `KeyKnown` when its key was used before."""
    unit.insert(REFUNDS, [msgspec.structs.asdict(refund)], otherwise=KeyKnown())


def save_charge(unit: Unit, charge: Charge) -> None:
    """Of a charge that `lock_charge` holds."""
    unit.change(CHARGES, [{name: getattr(charge, name) for name in ("id", *CHARGE_CHANGES)}])


def save_refund(unit: Unit, refund: Refund) -> None:
    """Of a refund whose charge `lock_charge` holds."""
    unit.change(REFUNDS, [{"id": refund.id, "state": refund.state, "settles_at": refund.settles_at}])


async def lock_charge(connection: AsyncConnection, charge_id: str) -> Charge:
    """Nobody else changes the charge or its refunds until the unit ends. Raises `ChargeMissing`."""
    return await _charge(connection, LOCK_CHARGE, charge_id)


async def charge(connection: AsyncConnection, charge_id: str) -> Charge:
    """Raises `ChargeMissing`."""
    return await _charge(connection, CHARGE, charge_id)


async def _charge(connection: AsyncConnection, query: Select[*tuple[object, ...]], charge_id: str) -> Charge:
    row = (await connection.execute(query, {"of": charge_id})).mappings().one_or_none()
    if row is None:
        raise ChargeMissing(f"there is no charge {charge_id}")
    return Charge(**row)


async def refund(connection: AsyncConnection, refund_id: str) -> Refund:
    """One that is known to exist."""
    return Refund(**(await connection.execute(REFUND, {"of": refund_id})).mappings().one())


async def refunds_of(connection: AsyncConnection, charge_id: str) -> Sequence[Refund]:
    """Oldest first."""
    query = select(REFUNDS).where(REFUNDS.c.charge_id == charge_id).order_by(REFUNDS.c.id)
    return [Refund(**row) for row in (await connection.execute(query)).mappings()]


async def charges_due(connection: AsyncConnection, now: datetime) -> Sequence[str]:
    """Ids of charges that waited for their buyer long enough."""
    query = select(CHARGES.c.id).where(CHARGES.c.settles_at <= now).order_by(CHARGES.c.settles_at).limit(DUE_AT_ONCE)
    return (await connection.execute(query)).scalars().all()


async def refunds_due(connection: AsyncConnection, now: datetime) -> Sequence[tuple[str, str]]:
    """Charge id and refund id of refunds that waited for the bank long enough."""
    due = REFUNDS.c.settles_at <= now
    query = select(REFUNDS.c.charge_id, REFUNDS.c.id).where(due).order_by(REFUNDS.c.settles_at).limit(DUE_AT_ONCE)
    return [(charge_id, refund_id) for charge_id, refund_id in await connection.execute(query)]


async def charges(
    connection: AsyncConnection, *, reference: str | None, after: str | None, limit: int
) -> Sequence[Charge]:
    """Oldest first, one more than `limit` if there are more."""
    query = select(CHARGES).order_by(CHARGES.c.id).limit(limit + 1)
    if reference is not None:
        query = query.where(CHARGES.c.reference == reference)
    if after is not None:
        query = query.where(CHARGES.c.id > after)
    return [Charge(**row) for row in (await connection.execute(query)).mappings()]


async def totals(
    connection: AsyncConnection, *, reference: str | None, after: tuple[str, str] | None, limit: int
) -> Sequence[Totals]:
    """By reference and currency, one more than `limit` if there are more."""
    query = _totals().limit(limit + 1)
    if reference is not None:
        query = query.where(CHARGES.c.reference == reference)
    if after is not None:
        query = query.where(tuple_(CHARGES.c.reference, CHARGES.c.currency) > after)
    return [Totals(**row) for row in (await connection.execute(query)).mappings()]


def _totals() -> Select[*tuple[object, ...]]:
    columns = CHARGES.c
    by = (columns.reference, columns.currency)
    refunded = select(_sum(REFUNDS.c.amount_minor)).where(
        REFUNDS.c.charge_id == columns.id, REFUNDS.c.state == "succeeded"
    )
    lost = select(_sum(DISPUTES.c.amount_minor)).where(DISPUTES.c.charge_id == columns.id, DISPUTES.c.state == "lost")
    return (
        select(
            *by,
            func.count().label("charges"),
            _sum(case((columns.state == "authorized", columns.amount_minor))).label("authorized_minor"),
            _sum(columns.captured_minor).label("captured_minor"),
            _sum(refunded.scalar_subquery()).label("refunded_minor"),
            _sum(lost.scalar_subquery()).label("lost_minor"),
        )
        .group_by(*by)
        .order_by(*by)
    )


def _sum(amounts: ColumnElement[int]) -> Cast[int]:
    # PostgreSQL adds bigints up to a numeric, which would reach Python as Decimal.
    return cast(func.coalesce(func.sum(amounts), 0), BigInteger)
