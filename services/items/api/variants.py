"""The seller's desk: variants and their stock."""

from litestar import get, patch, post, put
from litestar.params import JSONBody
from msgspec import Struct

from services.chassis.http.access import for_sellers
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.items.actions import desk
from services.items.actions import stock as actions
from services.items.api.counter import NOT_SELLING, ItemId, NamedCounter, SkuInPath, UserId
from services.items.api.desk import READ, WRITE
from services.items.domain.fields import OnHand, SeenNumber
from services.items.domain.items import Item, NewVariant, VariantChange
from services.items.domain.refusals import (
    ItemIncomplete,
    ItemMissing,
    PriceRefused,
    SkuTaken,
    StaleVersion,
    TooManyVariants,
    VariantMissing,
)
from services.items.domain.sellers import SellerUnknown
from services.items.domain.stock import StockBelowReserved, StockLevel
from services.items.store import stock


class AddVariant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A variant, its first stock, and the version of the item that was seen."""

    variant: NewVariant
    version: SeenNumber
    on_hand: OnHand = 0


class Count(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many are on the shelf, and the version of the stock that was seen."""

    on_hand: OnHand
    version: SeenNumber


@post(
    "/api/v1/seller/items/{item_id:uuid}/variants",
    opt=for_sellers(WRITE, refuses=(*NOT_SELLING, ItemMissing, StaleVersion, SkuTaken, PriceRefused, TooManyVariants)),
)
async def add_variant(item_id: ItemId, data: JSONBody[AddVariant], counter: NamedCounter, user_id: UserId) -> Item:
    """Offer the item in one more way. A SKU is unique in the whole market and never changes."""
    async with counter.database.unit() as unit:
        return await desk.add_variant(unit, user_id, item_id, data.variant, seen=data.version, on_hand=data.on_hand)


@patch(
    "/api/v1/seller/items/{item_id:uuid}/variants/{sku:str}",
    opt=for_sellers(
        WRITE, refuses=(*NOT_SELLING, ItemMissing, VariantMissing, StaleVersion, PriceRefused, ItemIncomplete)
    ),
)
async def change_variant(
    item_id: ItemId, sku: SkuInPath, data: JSONBody[VariantChange], counter: NamedCounter, user_id: UserId
) -> Item:
    """Change its price, title or attributes, withdraw it, or put it back on offer."""
    async with counter.database.unit() as unit:
        return await desk.change_variant(unit, user_id, item_id, sku, data)


@get("/api/v1/seller/stock", opt=for_sellers(READ, refuses=(SellerUnknown, CursorMalformed)))
async def list_stock(
    counter: NamedCounter, user_id: UserId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> Page[StockLevel]:
    """One's whole stock, by SKU."""
    seller = await counter.seller_of(user_id)
    after = None if cursor is None else from_cursor(cursor, str)
    async with counter.database.reading() as connection:
        levels = await stock.of_seller(connection, seller.seller_id, after=after, limit=limit)
    return paginate(levels, limit=limit, key=lambda level: level.sku)


@get("/api/v1/seller/stock/{sku:str}", opt=for_sellers(READ, refuses=(SellerUnknown, VariantMissing)))
async def show_stock(sku: SkuInPath, counter: NamedCounter, user_id: UserId) -> StockLevel:
    """What is there of one SKU, and how much of that is reserved for buyers about to pay."""
    seller = await counter.seller_of(user_id)
    async with counter.database.reading() as connection:
        level = await stock.level_of_seller(connection, seller.seller_id, sku)
    if level is None:
        raise VariantMissing(sku=sku)
    return level


@put(
    "/api/v1/seller/stock/{sku:str}",
    opt=for_sellers(WRITE, refuses=(*NOT_SELLING, VariantMissing, StaleVersion, StockBelowReserved)),
)
async def count_stock(sku: SkuInPath, data: JSONBody[Count], counter: NamedCounter, user_id: UserId) -> StockLevel:
    """Set what is on the shelf, unless some was sold since it was counted; never to less than is reserved."""
    async with counter.database.unit() as unit:
        return await actions.count(unit, user_id, sku, data.on_hand, seen=data.version)


VARIANTS = (add_variant, change_variant, list_stock, show_stock, count_stock)
