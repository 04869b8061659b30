"""What everybody may see: the catalogue, its items and its categories. Answers are joined from rows that hold them
encoded, so their shapes are told to OpenAPI beside the handlers.
"""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter
from msgspec import Struct

from services.chassis.http.access import for_anyone
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page, from_cursor, to_cursor
from services.items.api.counter import ByCategory, ItemId, NamedCounter
from services.items.domain.categories import CategoryTree, plant
from services.items.domain.listings import Availability, ListedCard, ListedItem, card_now, item_now, page_now
from services.items.domain.refusals import ItemMissing
from services.items.store import categories, listings
from services.items.store.listings import END_OF_TIME, Place

Slug = Annotated[str, PathParameter(max_length=80, description="`slug` of an item")]
BySeller = Annotated[UUID | None, QueryParameter(name="seller", description="Id of a seller")]

JSON = "application/json"


class Categories(Struct, frozen=True, kw_only=True):
    """The roots of the category tree; there is always but one page."""

    items: list[CategoryTree]
    next: None = None


class Availabilities(Struct, frozen=True, kw_only=True):
    """Of each variant; there is always but one page."""

    items: list[Availability]
    next: None = None


def told(shape: type[Struct], description: str) -> dict[int, ResponseSpec]:
    """What OpenAPI says of an answer that is already encoded."""
    return {200: ResponseSpec(data_container=shape, generate_examples=False, description=description)}


@get(
    "/api/v1/items",
    opt=for_anyone(refuses=(CursorMalformed,)),
    responses=told(Page[ListedCard], "Newest first"),
    media_type=JSON,
)
async def list_items(
    counter: NamedCounter,
    category: ByCategory = None,
    seller: BySeller = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> bytes:
    """Items on sale, newest first: all of them, of one category with all inside it, or of one seller."""
    before = END_OF_TIME if cursor is None else from_cursor(cursor, Place)
    rows = await listings.page(counter.database, category=category, seller_id=seller, before=before, limit=limit)
    cards = [card_now(row.card, in_stock=row.in_stock) for row in rows[:limit]]
    return page_now(cards, to_cursor(rows[limit - 1].place) if len(rows) > limit else None)


@get(
    "/api/v1/items/{item_id:uuid}",
    opt=for_anyone(refuses=(ItemMissing,)),
    responses=told(ListedItem, "The item as it is on sale now"),
    media_type=JSON,
)
async def show_item(item_id: ItemId, counter: NamedCounter) -> bytes:
    """An item on sale, with what is free of each variant."""
    return await _item(counter, item_id)


@get(
    "/api/v1/items/by-slug/{slug:str}",
    opt=for_anyone(refuses=(ItemMissing,)),
    responses=told(ListedItem, "The item as it is on sale now"),
    media_type=JSON,
)
async def show_item_by_slug(slug: Slug, counter: NamedCounter) -> bytes:
    """The same, by the name that stands in addresses of pages."""
    return await _item(counter, slug)


async def _item(counter: NamedCounter, wanted: UUID | str) -> bytes:
    found = await listings.document(counter.database, wanted, now=counter.clock())
    if found is None:
        raise ItemMissing(wanted)
    return item_now(*found)


@get("/api/v1/items/{item_id:uuid}/availability", opt=for_anyone(refuses=(ItemMissing,)))
async def show_availability(item_id: ItemId, counter: NamedCounter) -> Availabilities:
    """What is free of each variant, for pages that were rendered a while ago."""
    found = await listings.document(counter.database, item_id, now=counter.clock())
    if found is None:
        raise ItemMissing(item_id)
    return Availabilities(items=found[1])


@get("/api/v1/categories", opt=for_anyone())
async def list_categories(counter: NamedCounter) -> Categories:
    """The whole tree."""
    return Categories(items=plant(await categories.every(counter.database)))


PUBLIC = (list_items, show_item, show_item_by_slug, show_availability, list_categories)
