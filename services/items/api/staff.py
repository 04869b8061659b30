"""The staff's desk: the category tree and the search index."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, post, put
from litestar.params import JSONBody, PathParameter

from services.chassis.http.access import for_staff
from services.chassis.http.pages import Page
from services.items.actions import categories as actions
from services.items.api.counter import CategoryInPath, NamedCounter
from services.items.domain.categories import (
    Category,
    CategoryChange,
    CategoryInUse,
    CategoryLoop,
    CategoryMissing,
    CategoryTaken,
    CategoryUnknown,
    NewCategory,
)
from services.items.domain.refusals import StaleVersion
from services.items.domain.searching import IndexStatus, Reindex, ReindexMissing
from services.items.store import categories, indexing

READ = "catalogue:read"
WRITE = "catalogue:write"

ReindexId = Annotated[UUID, PathParameter(description="Id of a reindex")]


@get("/api/v1/staff/categories", opt=for_staff(READ))
async def list_all_categories(counter: NamedCounter) -> Page[Category]:
    """Every category by slug, with its version; there is always but one page."""
    return Page(items=await categories.every(counter.database))


@post("/api/v1/staff/categories", opt=for_staff(WRITE, refuses=(CategoryTaken, CategoryUnknown, CategoryLoop)))
async def add_category(data: JSONBody[NewCategory], counter: NamedCounter) -> Category:
    """Make a category, at the top or inside another. Its slug never changes."""
    async with counter.database.unit() as unit:
        return await actions.add(unit, data)


@put(
    "/api/v1/staff/categories/{slug:str}",
    opt=for_staff(WRITE, refuses=(CategoryMissing, StaleVersion, CategoryUnknown, CategoryLoop)),
)
async def change_category(slug: CategoryInPath, data: JSONBody[CategoryChange], counter: NamedCounter) -> Category:
    """Rename it or move it, with all that is in it."""
    async with counter.database.unit() as unit:
        return await actions.change(unit, slug, data)


@delete("/api/v1/staff/categories/{slug:str}", opt=for_staff(WRITE, refuses=(CategoryMissing, CategoryInUse)))
async def remove_category(slug: CategoryInPath, counter: NamedCounter) -> None:
    """Remove one that nothing is in."""
    async with counter.database.unit() as unit:
        await actions.remove(unit, slug)


@get("/api/v1/staff/search", opt=for_staff(READ))
async def show_index(counter: NamedCounter) -> IndexStatus:
    """How far the search index is behind, and the newest reindexes."""
    async with counter.database.reading() as connection:
        waiting, oldest = await indexing.lag(connection)
        reindexes = await indexing.reindexes(connection)
    lag_s = 0.0 if oldest is None else (counter.clock() - oldest).total_seconds()
    return IndexStatus(waiting=waiting, lag_s=lag_s, reindexes=reindexes)


@post("/api/v1/staff/search/reindex", opt=for_staff(WRITE), status_code=202)
async def request_reindex(counter: NamedCounter) -> Reindex:
    """Have a worker build the index anew from the catalogue; searches go on meanwhile, with no gap."""
    async with counter.database.unit() as unit:
        return await indexing.request_reindex(unit)


@get("/api/v1/staff/search/reindex/{reindex_id:uuid}", opt=for_staff(READ, refuses=(ReindexMissing,)))
async def show_reindex(reindex_id: ReindexId, counter: NamedCounter) -> Reindex:
    """Whether it is done."""
    async with counter.database.reading() as connection:
        return await indexing.reindex(connection, reindex_id)


STAFF = (
    list_all_categories,
    add_category,
    change_category,
    remove_category,
    show_index,
    request_reindex,
    show_reindex,
)
