"""One's own shop: applying for it, and what it says of itself."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, patch, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from services.chassis.http.access import for_users
from services.contracts.users import CountryCode
from services.users.actions import selling
from services.users.actions.selling import ShopChange
from services.users.api.desk import About, Name, NamedDesk, NamedUser, Version
from services.users.domain.profiles import AccountGone, StaleVersion
from services.users.domain.sellers import (
    AlreadySeller,
    Application,
    Seller,
    SellerMissing,
    SlugInvalid,
    SlugTaken,
    State,
    to_slug,
)
from services.users.store import sellers as store

Slug = Annotated[str, Meta(min_length=3, max_length=60, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]


class SellerView(Struct, frozen=True, kw_only=True):
    """A shop as its owner and staff see it."""

    id: UUID
    owner_id: UUID
    slug: str
    name: str
    about: str
    country: str
    state: State
    applied_at: datetime
    decided_at: datetime | None
    reason: str | None
    """Why it was rejected or suspended."""
    version: int


class ApplyToSell(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a slug one is made from the name."""

    name: Name
    country: CountryCode
    about: About = ""
    slug: Slug | None = None


class ChangeShop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    version: Version
    name: Name | None = None
    slug: Slug | None = None
    about: About | None = None


def view(seller: Seller) -> SellerView:
    """For its owner and staff."""
    return SellerView(
        id=seller.id,
        owner_id=seller.owner_id,
        slug=seller.slug,
        name=seller.name,
        about=seller.about,
        country=seller.country,
        state=seller.state,
        applied_at=seller.applied_at,
        decided_at=seller.decided_at,
        reason=seller.reason,
        version=seller.version,
    )


@post("/api/v1/sellers", opt=for_users(refuses=(AlreadySeller, SlugTaken, SlugInvalid, AccountGone)))
async def apply(data: JSONBody[ApplyToSell], desk: NamedDesk, user_id: NamedUser) -> SellerView:
    """Ask to sell. Staff approves or rejects; after a rejection one may ask again."""
    wanted = Application(
        name=data.name.strip(), slug=to_slug(data.slug or data.name), about=data.about, country=data.country
    )
    async with desk.database.unit() as unit:
        seller = await selling.apply(unit, user_id, wanted, desk.defaults)
    return view(seller)


@get("/api/v1/seller/profile", opt=for_users("shop:read", refuses=(SellerMissing,)))
async def show(desk: NamedDesk, user_id: NamedUser) -> SellerView:
    """One's own shop, from the application on."""
    return view(await store.owned(desk.database, user_id))


@patch(
    "/api/v1/seller/profile",
    opt=for_users("shop:write", refuses=(SellerMissing, StaleVersion, SlugTaken, SlugInvalid)),
)
async def change(data: JSONBody[ChangeShop], desk: NamedDesk, user_id: NamedUser) -> SellerView:
    """Change what the shop says of itself. Links to an old slug do not lead here any more."""
    wanted = ShopChange(
        name=None if data.name is None else data.name.strip(),
        slug=None if data.slug is None else to_slug(data.slug),
        about=data.about,
        version=data.version,
    )
    async with desk.database.unit() as unit:
        seller = await selling.change(unit, user_id, wanted)
    return view(seller)


SHOP = (apply, show, change)
