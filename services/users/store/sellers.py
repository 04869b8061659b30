"""Sellers and who follows them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import RowMapping, Select, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database import Database, Prepared, Unit
from services.users.domain.sellers import Seller, SellerMissing, State
from services.users.store.inserting import insert_into
from services.users.tables import FOLLOWS, SELLERS

_ALL = select(*(SELLERS.c[name] for name in Seller.__struct_fields__))
_FOLLOWERS = select(func.count()).where(FOLLOWS.c.seller_id == SELLERS.c.id).correlate(SELLERS).scalar_subquery()


class Storefront(Struct, frozen=True):
    """A seller as the public sees them."""

    id: UUID
    slug: str
    name: str
    about: str
    country: str
    selling_since: datetime
    followers: int


_PUBLIC = select(
    SELLERS.c.id,
    SELLERS.c.slug,
    SELLERS.c.name,
    SELLERS.c.about,
    SELLERS.c.country,
    SELLERS.c.decided_at,
    _FOLLOWERS.label("followers"),
).where(SELLERS.c.state == State.APPROVED.value)

BY_ID = Prepared(_PUBLIC.where(SELLERS.c.id == bindparam("seller_id")), Storefront)
BY_SLUG = Prepared(_PUBLIC.where(SELLERS.c.slug == bindparam("slug")), Storefront)
LISTED = Prepared(
    _PUBLIC.where(SELLERS.c.id > bindparam("after")).order_by(SELLERS.c.id).limit(bindparam("most")), Storefront
)
FIRST = UUID(int=0)


async def storefront(database: Database, wanted: UUID | str) -> Storefront:
    """By id or by slug. Raises `SellerMissing` for those the public does not see."""
    if isinstance(wanted, UUID):
        rows = await database.fetch(BY_ID, seller_id=wanted)
    else:
        rows = await database.fetch(BY_SLUG, slug=wanted)
    if not rows:
        raise SellerMissing
    return rows[0]


async def storefronts(database: Database, *, after: UUID | None, limit: int) -> Sequence[Storefront]:
    """Those who sell, oldest first, at most `limit`."""
    return await database.fetch(LISTED, after=after or FIRST, most=limit)


async def owned(database: Database, owner_id: UUID) -> Seller:
    """The owner's own, whatever its state. Raises `SellerMissing`."""
    async with database.reading() as connection:
        found = await _one(connection, _ALL.where(SELLERS.c.owner_id == owner_id))
    if found is None:
        raise SellerMissing
    return found


async def page(database: Database, state: State | None, *, after: UUID | None, limit: int) -> Sequence[Seller]:
    """For staff: oldest first, at most `limit`."""
    query = _ALL.order_by(SELLERS.c.id).limit(limit)
    if state is not None:
        query = query.where(SELLERS.c.state == state)
    if after is not None:
        query = query.where(SELLERS.c.id > after)
    async with database.reading() as connection:
        return [_seller(row) for row in (await connection.execute(query)).mappings()]


async def find_owned(unit: Unit, owner_id: UUID) -> Seller | None:
    """The owner's own, locked."""
    return await _one(unit.connection, _ALL.where(SELLERS.c.owner_id == owner_id).with_for_update())


async def load(unit: Unit, seller_id: UUID) -> Seller:
    """Locked. Raises `SellerMissing`."""
    found = await _one(unit.connection, _ALL.where(SELLERS.c.id == seller_id).with_for_update())
    if found is None:
        raise SellerMissing
    return found


async def slug_is_free(unit: Unit, slug: str, *, but: UUID | None = None) -> bool:
    """Whether no seller, `but` this one, is there."""
    holder = (await unit.connection.execute(select(SELLERS.c.id).where(SELLERS.c.slug == slug))).scalar_one_or_none()
    return holder is None or holder == but


async def add(unit: Unit, seller: Seller) -> bool:
    """False when owner or slug have just got one."""
    new = insert_into(unit, SELLERS).values(msgspec.structs.asdict(seller))
    return (await unit.connection.execute(new.on_conflict_do_nothing())).rowcount == 1


async def save(unit: Unit, seller: Seller) -> None:
    """What was locked, as it is to be."""
    values = msgspec.structs.asdict(seller)
    await unit.connection.execute(update(SELLERS).where(SELLERS.c.id == seller.id).values(values))


async def follow(unit: Unit, user_id: UUID, seller_id: UUID) -> None:
    """Once or again. Raises `SellerMissing` for those the public does not see."""
    query = select(SELLERS.c.id).where(SELLERS.c.id == seller_id, SELLERS.c.state == State.APPROVED)
    if (await unit.connection.execute(query)).first() is None:
        raise SellerMissing
    new = insert_into(unit, FOLLOWS).values(user_id=user_id, seller_id=seller_id, followed_at=unit.now)
    await unit.connection.execute(new.on_conflict_do_nothing())


async def unfollow(unit: Unit, user_id: UUID, seller_id: UUID | None = None) -> None:
    """One of them, or all."""
    query = delete(FOLLOWS).where(FOLLOWS.c.user_id == user_id)
    if seller_id is not None:
        query = query.where(FOLLOWS.c.seller_id == seller_id)
    await unit.connection.execute(query)


async def followed(database: Database, user_id: UUID, *, after: UUID | None, limit: int) -> Sequence[Storefront]:
    """Whom the user follows, of those who sell, oldest seller first, at most `limit`."""
    query = _PUBLIC.join(FOLLOWS, FOLLOWS.c.seller_id == SELLERS.c.id).where(FOLLOWS.c.user_id == user_id)
    if after is not None:
        query = query.where(SELLERS.c.id > after)
    async with database.reading() as connection:
        return [Storefront(*row) for row in await connection.execute(query.order_by(SELLERS.c.id).limit(limit))]


async def _one(connection: AsyncConnection, query: Select[tuple[object, ...]]) -> Seller | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else _seller(row)


def _seller(row: RowMapping) -> Seller:
    return Seller(**{**row, "state": State(row["state"])})
