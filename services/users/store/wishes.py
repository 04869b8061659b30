"""Wish lists."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import delete, func, insert, select, update

from services.chassis.database import Database, Unit
from services.users.domain.wishes import Wish, WishList, WishListMissing
from services.users.store.inserting import insert_into
from services.users.tables import WISH_LISTS, WISHES

_LIST = [WISH_LISTS.c[name] for name in WishList.__struct_fields__]


class Counted(Struct, frozen=True, kw_only=True):
    """A list and how long it is."""

    wish_list: WishList
    wishes: int


async def owned(database: Database, user_id: UUID) -> Sequence[Counted]:
    """All of the user's, oldest first."""
    length = select(func.count()).where(WISHES.c.list_id == WISH_LISTS.c.id).scalar_subquery()
    query = select(*_LIST, length.label("wishes")).where(WISH_LISTS.c.user_id == user_id).order_by(WISH_LISTS.c.id)
    async with database.reading() as connection:
        rows = (await connection.execute(query)).mappings()
        return [
            Counted(wish_list=WishList(**{c.name: row[c.name] for c in _LIST}), wishes=row["wishes"]) for row in rows
        ]


async def wishes(database: Database, user_id: UUID, list_id: UUID) -> Sequence[Wish]:
    """Everything on the list, newest first. Raises `WishListMissing`."""
    mine = select(WISH_LISTS.c.id).where(WISH_LISTS.c.id == list_id, WISH_LISTS.c.user_id == user_id)
    query = select(WISHES.c.item_id, WISHES.c.added_at).where(WISHES.c.list_id == list_id)
    async with database.reading() as connection:
        if (await connection.execute(mine)).first() is None:
            raise WishListMissing
        rows = (await connection.execute(query.order_by(WISHES.c.added_at.desc(), WISHES.c.item_id))).mappings()
        return [Wish(**row) for row in rows]


async def load(unit: Unit, user_id: UUID, list_id: UUID) -> WishList:
    """For a change; the owner is held. Raises `WishListMissing`."""
    query = select(*_LIST).where(WISH_LISTS.c.id == list_id, WISH_LISTS.c.user_id == user_id)
    row = (await unit.connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise WishListMissing
    return WishList(**row)


async def count(unit: Unit, user_id: UUID) -> int:
    """How many lists the user has."""
    query = select(func.count()).where(WISH_LISTS.c.user_id == user_id)
    return (await unit.connection.execute(query)).scalar_one()


async def add(unit: Unit, wish_list: WishList) -> None:
    """A new one."""
    await unit.connection.execute(insert(WISH_LISTS).values(msgspec.structs.asdict(wish_list)))


async def rename(unit: Unit, list_id: UUID, name: str) -> None:
    """The list was loaded."""
    await unit.connection.execute(update(WISH_LISTS).where(WISH_LISTS.c.id == list_id).values(name=name))


async def remove(unit: Unit, list_id: UUID) -> None:
    """With everything on it."""
    await unit.connection.execute(delete(WISH_LISTS).where(WISH_LISTS.c.id == list_id))


async def length(unit: Unit, list_id: UUID) -> int:
    """How many items are on the list."""
    query = select(func.count()).where(WISHES.c.list_id == list_id)
    return (await unit.connection.execute(query)).scalar_one()


async def add_wish(unit: Unit, list_id: UUID, item_id: UUID) -> None:
    """Once or again."""
    new = insert_into(unit, WISHES).values(list_id=list_id, item_id=item_id, added_at=unit.now)
    await unit.connection.execute(new.on_conflict_do_nothing())


async def remove_wish(unit: Unit, list_id: UUID, item_id: UUID) -> None:
    """Whether it was there or not."""
    await unit.connection.execute(delete(WISHES).where(WISHES.c.list_id == list_id, WISHES.c.item_id == item_id))


async def remove_all(unit: Unit, user_id: UUID) -> None:
    """Every list of the user."""
    await unit.connection.execute(delete(WISH_LISTS).where(WISH_LISTS.c.user_id == user_id))
