"""Wish lists."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Conflict, Missing

LISTS_MOST = 20
WISHES_MOST = 500


class WishListMissing(Missing):
    """The user has no such list."""

    code = "wish_list_missing"
    title = "No such wish list"

    def __init__(self) -> None:
        super().__init__("you have no such wish list")


class TooManyWishLists(Conflict):
    """One has to go first."""

    code = "too_many_wish_lists"
    title = "Too many wish lists"

    def __init__(self) -> None:
        super().__init__(f"an account keeps at most {LISTS_MOST} wish lists", most=LISTS_MOST)


class WishListFull(Conflict):
    """Something has to go first."""

    code = "wish_list_full"
    title = "Wish list full"

    def __init__(self) -> None:
        super().__init__(f"a wish list holds at most {WISHES_MOST} items", most=WISHES_MOST)


class WishList(Struct, frozen=True, kw_only=True):
    """A named list of items; whether they are still on sale, the catalogue knows."""

    id: UUID
    user_id: UUID
    name: str
    created_at: datetime


class Wish(Struct, frozen=True, kw_only=True):
    """One item on a list."""

    item_id: UUID
    added_at: datetime


def check_lists(kept: int) -> None:
    """Whether one more list fits. Raises `TooManyWishLists`."""
    if kept >= LISTS_MOST:
        raise TooManyWishLists


def check_wishes(kept: int) -> None:
    """Whether one more item fits. Raises `WishListFull`."""
    if kept >= WISHES_MOST:
        raise WishListFull
