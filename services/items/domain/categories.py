"""Categories: a forest whose nodes are named by their slug, which never changes."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from msgspec import Meta, Struct

from services.chassis.errors import Conflict, Invalid, Missing
from services.items.domain.fields import CategoryName, CategorySlug, SeenNumber
from services.items.domain.refusals import StaleVersion

Position = Annotated[int, Meta(ge=0, le=10_000, description="Order among neighbours")]


class CategoryMissing(Missing):
    """A category that nobody has made."""

    code = "category_missing"
    title = "No such category"

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is no category {slug}", category=slug)


class CategoryUnknown(Invalid):
    """An item was to go into a category that nobody has made."""

    code = "category_unknown"
    title = "Unknown category"

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is no category {slug}", category=slug)


class CategoryTaken(Conflict):
    """There is one of that slug."""

    code = "category_taken"
    title = "Category exists"

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is a category {slug} already", category=slug)


class CategoryInUse(Conflict):
    """Items or other categories are in it."""

    code = "category_in_use"
    title = "Category in use"

    def __init__(self, slug: str) -> None:
        super().__init__(f"items or other categories are in {slug}", category=slug)


class CategoryLoop(Invalid):
    """A category cannot be inside itself."""

    code = "category_loop"
    title = "Category inside itself"

    def __init__(self, slug: str) -> None:
        super().__init__(f"{slug} would be inside itself", category=slug)


class Category(Struct, frozen=True, kw_only=True):
    """One node."""

    slug: str
    parent: str | None
    name: str
    position: int
    version: int


class CategoryTree(Struct, frozen=True, kw_only=True):
    """A category with those in it."""

    slug: str
    name: str
    children: list["CategoryTree"]


class NewCategory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category as staff makes it."""

    slug: CategorySlug
    name: CategoryName
    parent: CategorySlug | None = None
    position: Position = 0


class CategoryChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The category as it is to be. `version` is the one that was seen."""

    version: SeenNumber
    name: CategoryName
    parent: CategorySlug | None = None
    position: Position = 0


def change(category: Category, wanted: CategoryChange, known: Iterable[Category]) -> Category:
    """Raises `StaleVersion`, `CategoryUnknown`, `CategoryLoop`."""
    if category.version != wanted.version:
        raise StaleVersion(seen=wanted.version, current=category.version)
    if wanted.parent is not None:
        require_place(category.slug, wanted.parent, {other.slug: other.parent for other in known})
    return Category(
        slug=category.slug,
        parent=wanted.parent,
        name=wanted.name,
        position=wanted.position,
        version=category.version + 1,
    )


def require_place(slug: str, parent: str, parents: Mapping[str, str | None]) -> None:
    """Raises `CategoryUnknown` for a parent nobody has made, `CategoryLoop` for one inside the category itself."""
    if parent not in parents:
        raise CategoryUnknown(parent)
    above: str | None = parent
    while above is not None:
        if above == slug:
            raise CategoryLoop(slug)
        above = parents[above]


def plant(categories: Iterable[Category]) -> list[CategoryTree]:
    """The roots, each with what is in it; neighbours in order of position, then name."""
    ordered = sorted(categories, key=lambda category: (category.position, category.name))
    trees = {category.slug: CategoryTree(slug=category.slug, name=category.name, children=[]) for category in ordered}
    for category in ordered:
        if category.parent is not None:
            trees[category.parent].children.append(trees[category.slug])
    return [trees[category.slug] for category in ordered if category.parent is None]


def ancestry(slug: str, parents: Mapping[str, str | None]) -> list[str]:
    """The category and everything it is in, from the inside out; only itself when it is not known."""
    path = [slug]
    while (above := parents.get(path[-1])) is not None:
        path.append(above)
    return path


def inside(slug: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    """The category and everything in it."""
    return frozenset(other for other in {slug, *parents} if slug in ancestry(other, parents))
