"""Carts: each is one row, read and written whole."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, select, update

from services.chassis.database import Database, Prepared, Unit
from services.chassis.database.writes import RowValues
from services.orders.domain.carts import Cart, CartChanged, CartLine
from services.orders.tables import CARTS

_Lines = tuple[CartLine, ...]


def _cart(  # noqa: PLR0917 - one argument a column, in their order.
    id: UUID,  # noqa: A002 - the column's name.
    owner_id: UUID | None,
    token_hash: bytes | None,
    currency: str | None,
    lines: object,
    version: int,
    checkout_id: UUID | None,
    created_at: datetime,
    changed_at: datetime,
) -> Cart:
    return Cart(
        id=id,
        owner_id=owner_id,
        token_hash=token_hash,
        currency=currency,
        lines=msgspec.convert(lines, _Lines),
        version=version,
        checkout_id=checkout_id,
        created_at=created_at,
        changed_at=changed_at,
    )


_COLUMNS = tuple(CARTS.c[name] for name in Cart.__struct_fields__)
CART = Prepared(select(*_COLUMNS).where(CARTS.c.id == bindparam("cart_id")), _cart)
LATEST_CART = Prepared(
    select(*_COLUMNS)
    .where(CARTS.c.owner_id == bindparam("owner_id"), CARTS.c.checkout_id.is_(None))
    .order_by(CARTS.c.changed_at.desc())
    .limit(1),
    _cart,
)


async def find(database: Database, cart_id: UUID) -> Cart | None:
    """None: there is no such cart."""
    found = await database.fetch(CART, cart_id=cart_id)
    return found[0] if found else None


async def latest_of(database: Database, owner_id: UUID) -> Cart | None:
    """The user's open cart that was touched last."""
    found = await database.fetch(LATEST_CART, owner_id=owner_id)
    return found[0] if found else None


def add(unit: Unit, cart: Cart) -> None:
    """A new one."""
    unit.insert(CARTS, [{**_row(cart), "id": cart.id, "created_at": cart.created_at}])


def save(unit: Unit, cart: Cart, *, seen: int) -> None:
    """The unit fails `CartChanged` unless it still has the version `seen` and is open."""
    _change(unit, cart.id, seen, _row(cart))


def close(unit: Unit, cart: Cart, checkout_id: UUID) -> None:
    """It is being bought: nobody changes it or buys it again. The unit fails `CartChanged` if somebody just did."""
    _change(unit, cart.id, cart.version, {"checkout_id": checkout_id})


def _change(unit: Unit, cart_id: UUID, seen: int, values: RowValues) -> None:
    unit.compare_and_set(
        CARTS,
        {"id": cart_id, "version": seen, "checkout_id": None},
        values,
        otherwise=CartChanged("the cart was changed or checked out in the same moment; look at it again"),
    )


async def reopen(unit: Unit, cart_id: UUID, checkout_id: UUID) -> None:
    """The checkout failed: its cart can be bought again."""
    opened = update(CARTS).where(CARTS.c.id == cart_id, CARTS.c.checkout_id == checkout_id).values(checkout_id=None)
    await unit.connection.execute(opened)


async def remove(unit: Unit, cart_id: UUID) -> None:
    """One that was merged into another, or emptied for good."""
    await unit.connection.execute(delete(CARTS).where(CARTS.c.id == cart_id, CARTS.c.checkout_id.is_(None)))


async def remove_old(unit: Unit, before: datetime) -> int:
    """Carts nobody has touched since then; how many."""
    return (await unit.connection.execute(delete(CARTS).where(CARTS.c.changed_at < before))).rowcount


async def remove_of(unit: Unit, owner_id: UUID) -> None:
    """Every cart of a user who wants to be forgotten."""
    await unit.connection.execute(delete(CARTS).where(CARTS.c.owner_id == owner_id))


def _row(cart: Cart) -> RowValues:
    return {
        "owner_id": cart.owner_id,
        "token_hash": cart.token_hash,
        "currency": cart.currency,
        "lines": msgspec.to_builtins(cart.lines),
        "version": cart.version,
        "changed_at": cart.changed_at,
    }
