"""Sellers as the public sees them, and following them."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, put
from litestar.params import FromPath, PathParameter

from services.chassis.http.access import for_anyone, for_users
from services.chassis.http.pages import Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.users.actions import following
from services.users.api.desk import NamedDesk, NamedUser
from services.users.domain.profiles import AccountGone
from services.users.domain.sellers import SellerMissing
from services.users.store import sellers as store
from services.users.store.sellers import Storefront

SlugOrId = Annotated[
    str, PathParameter(name="seller", pattern="^[A-Za-z0-9-]{1,60}$", description="The seller's slug or id")
]


@get("/api/v1/sellers", opt=for_anyone(refuses=(CursorMalformed,)))
async def list_sellers(desk: NamedDesk, limit: Limit = 20, cursor: Cursor = None) -> Page[Storefront]:
    """Everyone who sells."""
    after = None if cursor is None else from_cursor(cursor, UUID)
    found = await store.storefronts(desk.database, after=after, limit=limit + 1)
    return paginate(found, limit=limit, key=lambda storefront: storefront.id)


@get("/api/v1/sellers/{seller:str}", opt=for_anyone(refuses=(SellerMissing,)))
async def show(seller: SlugOrId, desk: NamedDesk) -> Storefront:
    """One seller, by slug or id. Those who may not sell are not found."""
    return await store.storefront(desk.database, _parsed(seller))


@put(
    "/api/v1/sellers/{seller_id:uuid}/follow",
    opt=for_users("account:write", refuses=(SellerMissing, AccountGone)),
    status_code=204,
)
async def follow(seller_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> None:
    """Follow a seller, once or again."""
    async with desk.database.unit() as unit:
        await following.follow(unit, user_id, seller_id, desk.defaults)


@delete("/api/v1/sellers/{seller_id:uuid}/follow", opt=for_users("account:write"))
async def unfollow(seller_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> None:
    """Follow a seller no more, whether one did or not."""
    async with desk.database.unit() as unit:
        await store.unfollow(unit, user_id, seller_id)


@get("/api/v1/users/me/follows", opt=for_users("account:read", refuses=(CursorMalformed,)))
async def list_followed(
    desk: NamedDesk, user_id: NamedUser, limit: Limit = 20, cursor: Cursor = None
) -> Page[Storefront]:
    """The sellers one follows; those who may not sell at the moment are left out."""
    after = None if cursor is None else from_cursor(cursor, UUID)
    found = await store.followed(desk.database, user_id, after=after, limit=limit + 1)
    return paginate(found, limit=limit, key=lambda storefront: storefront.id)


def _parsed(seller: str) -> UUID | str:
    try:
        return UUID(seller)
    except ValueError:
        return seller


SELLERS = (list_sellers, show, follow, unfollow, list_followed)
