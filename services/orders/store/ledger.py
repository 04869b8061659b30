"""The books: only ever added to. And the payouts that follow from them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, case, func, select

from services.chassis.database import Database, Unit
from services.orders.domain.ledger import Posting, seller_account
from services.orders.domain.payouts import Balance, Payout
from services.orders.tables import LEDGER, ORDERS, PAYOUTS, SELLERS

_FREE = ORDERS.c.state == "completed"
_PAYOUT = LEDGER.c.order_id.is_(None)


class Account(msgspec.Struct, frozen=True):
    """What one account holds in one currency."""

    account: str
    currency: str
    amount_minor: int


def book(unit: Unit, postings: Sequence[Posting]) -> None:
    """Into the books. The unique key makes a second booking of the same posting fail the whole unit."""
    unit.insert(LEDGER, [msgspec.structs.asdict(posting) for posting in postings])


async def accounts(database: Database) -> Sequence[Account]:
    """Every account; per currency they sum to zero."""
    total = func.sum(LEDGER.c.amount_minor)
    query = select(LEDGER.c.account, LEDGER.c.currency, total).group_by(LEDGER.c.account, LEDGER.c.currency)
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(LEDGER.c.account, LEDGER.c.currency))
        return [Account(account, currency, int(amount)) for account, currency, amount in rows]


async def of_order(database: Database, order_id: UUID) -> Sequence[Posting]:
    """Everything booked for one order, oldest first."""
    columns = [LEDGER.c[name] for name in Posting.__struct_fields__]
    query = select(*columns).where(LEDGER.c.order_id == order_id).order_by(LEDGER.c.seq)
    async with database.reading() as connection:
        return [Posting(**row) for row in (await connection.execute(query)).mappings()]


async def balances(database: Database, seller_id: UUID) -> Sequence[Balance]:
    """One a currency."""
    query = _balances().where(LEDGER.c.account == seller_account(seller_id))
    async with database.reading() as connection:
        return [_balance(row) for row in await connection.execute(query)]


async def lock_balances(unit: Unit) -> Sequence[Balance]:
    """Every seller's; until the unit ends no other payout run reads them."""
    await unit.connection.execute(select(SELLERS.c.seller_id).order_by(SELLERS.c.seller_id).with_for_update())
    query = _balances().where(LEDGER.c.account.like("seller:%")).order_by(LEDGER.c.account)
    return [_balance(row) for row in await unit.connection.execute(query)]


def add_payouts(unit: Unit, payouts: Sequence[Payout]) -> None:
    """New ones."""
    unit.insert(PAYOUTS, [msgspec.structs.asdict(payout) for payout in payouts])


async def payouts_of(database: Database, seller_id: UUID, *, before: UUID | None, most: int) -> Sequence[Payout]:
    """Newest first."""
    query = select(PAYOUTS).where(PAYOUTS.c.seller_id == seller_id).order_by(PAYOUTS.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(PAYOUTS.c.id < before)
    async with database.reading() as connection:
        return [Payout(**row) for row in (await connection.execute(query)).mappings()]


def _balances() -> Select[*tuple[object, ...]]:
    owed = -LEDGER.c.amount_minor
    free = case((_FREE | _PAYOUT, owed), else_=0)
    return (
        select(
            LEDGER.c.account,
            LEDGER.c.currency,
            func.sum(owed).label("all_minor"),
            func.sum(free).label("free_minor"),
        )
        .join_from(LEDGER, ORDERS, ORDERS.c.id == LEDGER.c.order_id, isouter=True)
        .group_by(LEDGER.c.account, LEDGER.c.currency)
    )


def _balance(row: Row[*tuple[object, ...]]) -> Balance:
    return Balance(
        seller_id=UUID(row.account.removeprefix("seller:")),
        currency=row.currency,
        pending_minor=int(row.all_minor) - int(row.free_minor),
        free_minor=int(row.free_minor),
    )
