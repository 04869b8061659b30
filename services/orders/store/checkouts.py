"""Checkouts: written by compare-and-set on (state, version), found by time, by charge and by buyer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import Row, Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database import Database, Prepared, Unit, single
from services.contracts.users import Address
from services.orders.domain.charges import Charge, ChargeState
from services.orders.domain.checkouts import (
    ENDED,
    LEASE,
    Checkout,
    CheckoutMissing,
    CheckoutState,
    Group,
    Refusal,
    Step,
)
from services.orders.store import orders
from services.orders.tables import CHECKOUTS, ORDERS

CheckoutRow = Row[*tuple[object, ...]]
_PREFIX: Final = "charge_"
_CHARGE_NAMES = Charge.__struct_fields__
_PLAIN = (
    "id",
    "buyer_id",
    "cart_id",
    "key",
    "state",
    "version",
    "currency",
    "total_minor",
    "expires_at",
    "due_at",
    "created_at",
    "changed_at",
    "hold_attempt",
    "attempts",
    "turning_to",
)
_NEVER_CHANGES = frozenset(
    {"id", "buyer_id", "cart_id", "key", "currency", "total_minor", "created_at", "address"}
    | {f"{_PREFIX}{name}" for name in ("id", "provider", "method", "asked_at")}
)
_CHANGING = tuple(column.name for column in CHECKOUTS.c if column.name not in _NEVER_CHANGES)


class Overtaken(Exception):
    """Somebody else has moved the checkout on: what holds is what they recorded."""


def add(unit: Unit, checkout: Checkout) -> None:
    """A new one."""
    unit.insert(CHECKOUTS, [_row(checkout)])


def save(unit: Unit, seen: Checkout, checkout: Checkout) -> Checkout:
    """`checkout` with its new version. The unit fails `Overtaken` if somebody has changed it since `seen`."""
    saved = replace(checkout, version=seen.version + 1)
    row = _row(saved)
    unit.compare_and_set(
        CHECKOUTS,
        {"id": seen.id, "state": seen.state, "version": seen.version},
        {name: row[name] for name in _CHANGING},
        otherwise=Overtaken(f"checkout {seen.id} is not in version {seen.version} any more"),
    )
    return saved


async def lock(unit: Unit, checkout_id: UUID) -> Group:
    """Nobody else changes it or its orders until the unit ends. Raises `CheckoutMissing`."""
    found = await _one(unit.connection, select(CHECKOUTS).where(CHECKOUTS.c.id == checkout_id).with_for_update())
    return Group(checkout=found, orders=await orders.lock_of_checkout(unit, checkout_id))


async def lock_of_order(unit: Unit, order_id: UUID) -> Group:
    """The group that the order belongs to. Raises `CheckoutMissing`."""
    owner = select(ORDERS.c.checkout_id).where(ORDERS.c.id == order_id).scalar_subquery()
    found = await _one(unit.connection, select(CHECKOUTS).where(CHECKOUTS.c.id == owner).with_for_update())
    return Group(checkout=found, orders=await orders.lock_of_checkout(unit, found.id))


async def get(database: Database, checkout_id: UUID) -> Group:
    """As it is now. Raises `CheckoutMissing`."""
    async with database.reading() as connection:
        return await _group(connection, checkout_id)


async def read(unit: Unit, checkout_id: UUID) -> Group:
    """As it is in this unit, without locking it. Raises `CheckoutMissing`."""
    return await _group(unit.connection, checkout_id)


async def _group(connection: AsyncConnection, checkout_id: UUID) -> Group:
    found = await _one(connection, select(CHECKOUTS).where(CHECKOUTS.c.id == checkout_id))
    return Group(checkout=found, orders=await orders.of_checkout(connection, checkout_id))


async def of_buyer(database: Database, buyer_id: UUID, *, most: int) -> Sequence[UUID]:
    """Ids, newest first."""
    query = select(CHECKOUTS.c.id).where(CHECKOUTS.c.buyer_id == buyer_id).order_by(CHECKOUTS.c.id.desc()).limit(most)
    async with database.reading() as connection:
        return (await connection.execute(query)).scalars().all()


async def lease_due(unit: Unit, *, most: int) -> Sequence[UUID]:
    """Checkouts whose timer has run out, now leased to whoever asked."""
    columns = CHECKOUTS.c
    due = (
        select(columns.id)
        .where(columns.due_at <= unit.now)
        .order_by(columns.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = (await unit.connection.execute(due)).scalars().all()
    if ids:
        leased = update(CHECKOUTS).where(columns.id.in_(ids))
        await unit.connection.execute(leased.values(due_at=unit.now + LEASE, version=columns.version + 1))
    return ids


async def any_due(database: Database, now: datetime) -> bool:
    """Whether `lease_due` would find something; asking does not take SQLite's one write lock."""
    return bool(await database.fetch(_ANY_DUE, now=now))


_DUE = select(CHECKOUTS.c.id).where(CHECKOUTS.c.due_at <= bindparam("now")).limit(1)
_ANY_DUE: Prepared[UUID] = Prepared(_DUE, single)


class ChargeSeen(msgspec.Struct, frozen=True):
    """Enough of a checkout to tell whether news of its charge is news."""

    checkout_id: UUID
    state: CheckoutState
    turning_to: str | None
    charge_state: ChargeState

    @property
    def at_rest(self) -> bool:
        """Whether nobody is driving it: it has ended, or waits for its buyer."""
        return self.turning_to is None and (self.state in ENDED or self.charge_state == "requires_action")


_COLUMNS_SEEN = (CHECKOUTS.c.id, CHECKOUTS.c.state, CHECKOUTS.c.turning_to, CHECKOUTS.c.charge_state)
_BY_CHARGE = Prepared(select(*_COLUMNS_SEEN).where(CHECKOUTS.c.charge_id == bindparam("charge_id")), ChargeSeen)
_BY_PROVIDER_ID = Prepared(
    select(*_COLUMNS_SEEN).where(CHECKOUTS.c.charge_provider_id == bindparam("provider_id")), ChargeSeen
)


async def of_charge(database: Database, charge_id: UUID) -> ChargeSeen | None:
    """By our key."""
    found = await database.fetch(_BY_CHARGE, charge_id=charge_id)
    return found[0] if found else None


async def of_provider_charge(database: Database, provider_id: str) -> ChargeSeen | None:
    """By the provider's name for the charge."""
    found = await database.fetch(_BY_PROVIDER_ID, provider_id=provider_id)
    return found[0] if found else None


async def in_state(database: Database, state: str, *, before: UUID | None, most: int) -> Sequence[Checkout]:
    """Newest first, without their orders."""
    query = select(CHECKOUTS).where(CHECKOUTS.c.state == state).order_by(CHECKOUTS.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(CHECKOUTS.c.id < before)
    async with database.reading() as connection:
        return [_checkout(row) for row in await connection.execute(query)]


async def _one(connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> Checkout:
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise CheckoutMissing("there is no such checkout")
    return _checkout(row)


def _checkout(row: CheckoutRow) -> Checkout:
    charge = Charge(**{name: getattr(row, _PREFIX + name) for name in _CHARGE_NAMES})
    return Checkout(
        **{name: getattr(row, name) for name in _PLAIN},
        charge=charge,
        address=None if row.address is None else msgspec.convert(row.address, Address),
        refusal=None if row.refusal is None else msgspec.convert(row.refusal, Refusal),
        steps=msgspec.convert(row.steps, tuple[Step, ...]),
    )


def _row(checkout: Checkout) -> dict[str, object]:
    charge = checkout.charge
    return {
        **{name: getattr(checkout, name) for name in _PLAIN},
        **{_PREFIX + name: getattr(charge, name) for name in _CHARGE_NAMES},
        "address": msgspec.to_builtins(checkout.address),
        "refusal": msgspec.to_builtins(checkout.refusal),
        "steps": msgspec.to_builtins(checkout.steps),
    }
