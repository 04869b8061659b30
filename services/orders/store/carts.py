"""Carts: each is one row, read and written whole."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, select, update

from services.chassis.database import Database, Prepared, Unit
from services.orders.domain.carts import Cart, CartChanged, CartClosed, CartLine
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
_UNTOUCHED = update(CARTS).where(
    CARTS.c.id == bindparam("cart"), CARTS.c.version == bindparam("seen"), CARTS.c.checkout_id.is_(None)
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


async def save(unit: Unit, cart: Cart, *, seen: int) -> None:
    """If it still has the version `seen` and is open. Raises `CartChanged`."""
    saved = await unit.connection.execute(_UNTOUCHED, {**_row(cart), "cart": cart.id, "seen": seen})
    if saved.rowcount != 1:
        raise CartChanged("the cart was changed or checked out in the same moment; look at it again")


async def close(unit: Unit, cart: Cart, checkout_id: UUID) -> None:
    """It is being bought: nobody changes it or buys it again. Raises `CartClosed`, `CartChanged`."""
    closed = await unit.connection.execute(
        _UNTOUCHED, {"cart": cart.id, "seen": cart.version, "checkout_id": checkout_id}
    )
    if closed.rowcount == 1:
        return
    taken_by = (await unit.connection.execute(select(CARTS.c.checkout_id).where(CARTS.c.id == cart.id))).scalar()
    if taken_by is not None:
        raise CartClosed("this cart is being bought or was bought", checkout_id=str(taken_by))
    raise CartChanged("the cart was changed in the same moment; look at it again")


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


def _row(cart: Cart) -> Mapping[str, object]:
    return {
        "owner_id": cart.owner_id,
        "token_hash": cart.token_hash,
        "currency": cart.currency,
        "lines": msgspec.to_builtins(cart.lines),
        "version": cart.version,
        "changed_at": cart.changed_at,
    }
