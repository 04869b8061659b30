"""What staff does with the category tree."""

from services.chassis.database import Unit
from services.items.domain import categories as domain
from services.items.domain.categories import (
    Category,
    CategoryChange,
    CategoryInUse,
    CategoryMissing,
    CategoryTaken,
    NewCategory,
    require_place,
)
from services.items.store import categories


async def add(unit: Unit, wanted: NewCategory) -> Category:
    """Raises `CategoryTaken`, `CategoryUnknown`."""
    if wanted.parent is not None:
        known = await categories.locked(unit)
        require_place(wanted.slug, wanted.parent, {category.slug: category.parent for category in known})
    made = Category(slug=wanted.slug, parent=wanted.parent, name=wanted.name, position=wanted.position, version=1)
    if not await categories.add(unit, made):
        raise CategoryTaken(wanted.slug)
    return made


async def change(unit: Unit, slug: str, wanted: CategoryChange) -> Category:
    """Raises `CategoryMissing`, `StaleVersion`, `CategoryUnknown`, `CategoryLoop`."""
    known = await categories.locked(unit)
    before = next((category for category in known if category.slug == slug), None)
    if before is None:
        raise CategoryMissing(slug)
    after = domain.change(before, wanted, known)
    await categories.save(unit, after)
    return after


async def remove(unit: Unit, slug: str) -> None:
    """Raises `CategoryMissing`, `CategoryInUse`."""
    known = await categories.locked(unit)
    if all(category.slug != slug for category in known):
        raise CategoryMissing(slug)
    if await categories.in_use(unit, slug):
        raise CategoryInUse(slug)
    await categories.remove(unit, slug)
