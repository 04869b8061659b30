"""Sellers as far as the catalogue knows them, from what users announces."""

from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Denied


class SellerUnknown(Denied):
    """The caller has no shop here, or none yet: approval takes a moment to arrive."""

    code = "seller_unknown"
    title = "Not a seller here"

    def __init__(self) -> None:
        super().__init__("the caller is not known as a seller")


class SellerSuspended(Denied):
    """The seller may not sell at the moment."""

    code = "seller_suspended"
    title = "Seller suspended"

    def __init__(self) -> None:
        super().__init__("the seller is suspended")


class Seller(Struct, frozen=True, kw_only=True):
    """Whose items these are."""

    seller_id: UUID
    owner_id: UUID
    name: str
    slug: str
    approved: bool
    version: int
    """Of the newest announcement that was taken in."""


def require_known(seller: Seller | None) -> Seller:
    """Raises `SellerUnknown`."""
    if seller is None:
        raise SellerUnknown
    return seller


def require_approved(seller: Seller | None) -> Seller:
    """Raises `SellerUnknown`, `SellerSuspended`."""
    known = require_known(seller)
    if not known.approved:
        raise SellerSuspended
    return known
