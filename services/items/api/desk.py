"""The seller's desk: items."""

from typing import Annotated
from uuid import UUID

from litestar import get, patch, post
from litestar.params import JSONBody, QueryParameter

from services.chassis.http.access import for_sellers
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.items.actions import desk
from services.items.api.counter import NOT_SELLING, ItemId, NamedCounter, SeenVersion, UserId
from services.items.domain.categories import CategoryUnknown
from services.items.domain.items import Item, ItemChange, NewItem, Status
from services.items.domain.refusals import IllegalMove, ItemIncomplete, ItemMissing, ReferenceTaken, StaleVersion
from services.items.domain.sellers import SellerUnknown
from services.items.store import items

READ = "items:read"
WRITE = "items:write"
_CHANGED = (*NOT_SELLING, ItemMissing, StaleVersion, ItemIncomplete)

ByStatus = Annotated[Status | None, QueryParameter(name="status", description="Only these")]


@post("/api/v1/seller/items", opt=for_sellers(WRITE, refuses=(*NOT_SELLING, ReferenceTaken, CategoryUnknown)))
async def draft_item(data: JSONBody[NewItem], counter: NamedCounter, user_id: UserId) -> Item:
    """Begin an item. Nobody else sees it until it is published."""
    async with counter.database.unit() as unit:
        return await desk.draft(unit, user_id, data)


@get("/api/v1/seller/items", opt=for_sellers(READ, refuses=(SellerUnknown, CursorMalformed)))
async def list_own_items(
    counter: NamedCounter,
    user_id: UserId,
    status: ByStatus = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Page[Item]:
    """One's own items, newest first."""
    seller = await counter.seller_of(user_id)
    before = None if cursor is None else from_cursor(cursor, UUID)
    async with counter.database.reading() as connection:
        found = await items.of_seller(connection, seller.seller_id, status=status, before=before, limit=limit)
    return paginate(found, limit=limit, key=lambda item: item.id)


@get("/api/v1/seller/items/{item_id:uuid}", opt=for_sellers(READ, refuses=(SellerUnknown, ItemMissing)))
async def show_own_item(item_id: ItemId, counter: NamedCounter, user_id: UserId) -> Item:
    """One of one's own items."""
    seller = await counter.seller_of(user_id)
    async with counter.database.reading() as connection:
        return await items.find(connection, item_id, seller.seller_id)


@patch("/api/v1/seller/items/{item_id:uuid}", opt=for_sellers(WRITE, refuses=(*_CHANGED, CategoryUnknown)))
async def edit_item(item_id: ItemId, data: JSONBody[ItemChange], counter: NamedCounter, user_id: UserId) -> Item:
    """Change what is given and leave the rest. The currency stays as it is."""
    async with counter.database.unit() as unit:
        return await desk.edit(unit, user_id, item_id, data)


@post(
    "/api/v1/seller/items/{item_id:uuid}/publish",
    opt=for_sellers(WRITE, refuses=(*_CHANGED, IllegalMove)),
    status_code=200,
)
async def publish_item(item_id: ItemId, data: JSONBody[SeenVersion], counter: NamedCounter, user_id: UserId) -> Item:
    """Put on sale a draft, or an item that was archived."""
    async with counter.database.unit() as unit:
        return await desk.move(unit, user_id, item_id, "published", seen=data.version)


@post(
    "/api/v1/seller/items/{item_id:uuid}/archive",
    opt=for_sellers(WRITE, refuses=(*_CHANGED, IllegalMove)),
    status_code=200,
)
async def archive_item(item_id: ItemId, data: JSONBody[SeenVersion], counter: NamedCounter, user_id: UserId) -> Item:
    """Take off sale; holds and orders that exist go on."""
    async with counter.database.unit() as unit:
        return await desk.move(unit, user_id, item_id, "archived", seen=data.version)


DESK = (draft_item, list_own_items, show_own_item, edit_item, publish_item, archive_item)
