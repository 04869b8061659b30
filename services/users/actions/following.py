"""Following sellers, and wish lists."""

from uuid import UUID

import msgspec

from services.chassis.database import Unit
from services.users.domain.profiles import Defaults, blank
from services.users.domain.wishes import WishList, check_lists, check_wishes
from services.users.store import profiles, sellers, wishes


async def follow(unit: Unit, user_id: UUID, seller_id: UUID, defaults: Defaults) -> None:
    """Once or again. Raises `SellerMissing`, `AccountGone`."""
    await profiles.hold(unit, blank(user_id, defaults))
    await sellers.follow(unit, user_id, seller_id)


async def add_list(unit: Unit, user_id: UUID, name: str, defaults: Defaults) -> WishList:
    """An empty list. Raises `TooManyWishLists`, `AccountGone`."""
    await profiles.hold(unit, blank(user_id, defaults))
    check_lists(await wishes.count(unit, user_id))
    wish_list = WishList(id=unit.new_id(), user_id=user_id, name=name, created_at=unit.now)
    await wishes.add(unit, wish_list)
    return wish_list


async def rename_list(unit: Unit, user_id: UUID, list_id: UUID, name: str) -> WishList:
    """Raises `WishListMissing`."""
    wish_list = await wishes.load(unit, user_id, list_id)
    await wishes.rename(unit, list_id, name)
    return msgspec.structs.replace(wish_list, name=name)


async def remove_list(unit: Unit, user_id: UUID, list_id: UUID) -> None:
    """With everything on it. Raises `WishListMissing`."""
    await wishes.load(unit, user_id, list_id)
    await wishes.remove(unit, list_id)


async def wish(unit: Unit, user_id: UUID, list_id: UUID, item_id: UUID, defaults: Defaults) -> None:
    """Once or again. Raises `WishListMissing`, `WishListFull`, `AccountGone`."""
    await profiles.hold(unit, blank(user_id, defaults))
    await wishes.load(unit, user_id, list_id)
    check_wishes(await wishes.length(unit, list_id))
    await wishes.add_wish(unit, list_id, item_id)


async def unwish(unit: Unit, user_id: UUID, list_id: UUID, item_id: UUID) -> None:
    """Whether it was there or not. Raises `WishListMissing`."""
    await wishes.load(unit, user_id, list_id)
    await wishes.remove_wish(unit, list_id, item_id)
