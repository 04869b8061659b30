"""One's own wish lists."""

from datetime import datetime
from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from services.chassis.http.access import for_users
from services.chassis.http.pages import Page
from services.users.actions import following
from services.users.api.desk import Name, NamedDesk, NamedUser
from services.users.domain.profiles import AccountGone
from services.users.domain.wishes import TooManyWishLists, Wish, WishList, WishListFull, WishListMissing
from services.users.store import wishes as store


class WishListView(Struct, frozen=True, kw_only=True):
    """A list and how many items are on it."""

    id: UUID
    name: str
    created_at: datetime
    wishes: int


class WishView(Struct, frozen=True, kw_only=True):
    """An item on a list; it may not be on sale any more."""

    item_id: UUID
    added_at: datetime


class NameWishList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the list is called."""

    name: Name


def _view(wish_list: WishList, wishes: int) -> WishListView:
    return WishListView(id=wish_list.id, name=wish_list.name, created_at=wish_list.created_at, wishes=wishes)


def _wish(wish: Wish) -> WishView:
    return WishView(item_id=wish.item_id, added_at=wish.added_at)


@get("/api/v1/users/me/wish-lists", opt=for_users("account:read"))
async def list_lists(desk: NamedDesk, user_id: NamedUser) -> Page[WishListView]:
    """All lists on one page, oldest first."""
    owned = await store.owned(desk.database, user_id)
    return Page(items=[_view(one.wish_list, one.wishes) for one in owned])


@post("/api/v1/users/me/wish-lists", opt=for_users("account:write", refuses=(TooManyWishLists, AccountGone)))
async def add_list(data: JSONBody[NameWishList], desk: NamedDesk, user_id: NamedUser) -> WishListView:
    """A new, empty list. There is room for 20."""
    async with desk.database.unit() as unit:
        wish_list = await following.add_list(unit, user_id, data.name.strip(), desk.defaults)
    return _view(wish_list, 0)


@patch("/api/v1/users/me/wish-lists/{list_id:uuid}", opt=for_users("account:write", refuses=(WishListMissing,)))
async def rename(
    list_id: FromPath[UUID], data: JSONBody[NameWishList], desk: NamedDesk, user_id: NamedUser
) -> WishListView:
    """Call it something else."""
    async with desk.database.unit() as unit:
        wish_list = await following.rename_list(unit, user_id, list_id, data.name.strip())
        wishes = await store.length(unit, list_id)
    return _view(wish_list, wishes)


@delete("/api/v1/users/me/wish-lists/{list_id:uuid}", opt=for_users("account:write", refuses=(WishListMissing,)))
async def remove_list(list_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> None:
    """Forget the list and everything on it."""
    async with desk.database.unit() as unit:
        await following.remove_list(unit, user_id, list_id)


@get("/api/v1/users/me/wish-lists/{list_id:uuid}/items", opt=for_users("account:read", refuses=(WishListMissing,)))
async def list_wishes(list_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> Page[WishView]:
    """Everything on the list on one page, newest first."""
    return Page(items=[_wish(wish) for wish in await store.wishes(desk.database, user_id, list_id)])


@put(
    "/api/v1/users/me/wish-lists/{list_id:uuid}/items/{item_id:uuid}",
    opt=for_users("account:write", refuses=(WishListMissing, WishListFull, AccountGone)),
    status_code=204,
)
async def wish(list_id: FromPath[UUID], item_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> None:
    """Put an item on the list, once or again. There is room for 500."""
    async with desk.database.unit() as unit:
        await following.wish(unit, user_id, list_id, item_id, desk.defaults)


@delete(
    "/api/v1/users/me/wish-lists/{list_id:uuid}/items/{item_id:uuid}",
    opt=for_users("account:write", refuses=(WishListMissing,)),
)
async def unwish(list_id: FromPath[UUID], item_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> None:
    """Take an item off the list, whether it is there or not."""
    async with desk.database.unit() as unit:
        await following.unwish(unit, user_id, list_id, item_id)


WISHES = (list_lists, add_list, rename, remove_list, list_wishes, wish, unwish)
