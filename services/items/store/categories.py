"""The category tree, which is small and read whole."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, exists, select, update

from services.chassis.database import Database, Prepared, Unit
from services.items.domain.categories import Category
from services.items.store.dialect import insert_into
from services.items.tables import CATEGORIES, ITEMS


def _category(slug: str, parent: str | None, name: str, position: int, version: int) -> Category:
    return Category(slug=slug, parent=parent, name=name, position=position, version=version)


_ALL = select(*(CATEGORIES.c[name] for name in Category.__struct_fields__)).order_by(CATEGORIES.c.slug)
_READ = Prepared(_ALL, _category)


async def every(database: Database) -> list[Category]:
    """By slug."""
    return await database.fetch(_READ)


async def locked(unit: Unit) -> Sequence[Category]:
    """All of them; nobody else moves one until the unit ends."""
    return [Category(**row) for row in (await unit.connection.execute(_ALL.with_for_update())).mappings()]


async def keep(unit: Unit, slug: str) -> bool:
    """Whether there is a category of that slug, which nobody removes until the unit ends."""
    query = select(CATEGORIES.c.slug).where(CATEGORIES.c.slug == slug).with_for_update(read=True, key_share=True)
    return (await unit.connection.execute(query)).first() is not None


async def add(unit: Unit, category: Category) -> bool:
    """False: there is one of that slug."""
    added = insert_into(unit, CATEGORIES).values(msgspec.structs.asdict(category)).on_conflict_do_nothing()
    return (await unit.connection.execute(added)).rowcount == 1


async def save(unit: Unit, category: Category) -> None:
    """Of one that `locked` gave."""
    changed = update(CATEGORIES).where(CATEGORIES.c.slug == category.slug).values(msgspec.structs.asdict(category))
    await unit.connection.execute(changed)


async def in_use(unit: Unit, slug: str) -> bool:
    """Whether items or other categories are in it."""
    used = exists().where(ITEMS.c.category == slug) | exists().where(CATEGORIES.c.parent == slug)
    return (await unit.connection.execute(select(used))).scalar_one()


async def remove(unit: Unit, slug: str) -> None:
    """One that nothing is in."""
    await unit.connection.execute(delete(CATEGORIES).where(CATEGORIES.c.slug == slug))
