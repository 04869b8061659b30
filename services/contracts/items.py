"""What items announces, and what orders asks of it: quotes and stock holds."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta, Struct

from services.contracts.message import Event
from services.contracts.money import Money

Sku = Annotated[
    str, Meta(pattern="^[A-Z0-9][A-Z0-9._-]{1,39}$", description="Stock keeping unit", examples=["MUG-BLUE"])
]
Quantity = Annotated[int, Meta(ge=1, le=999)]
HoldState = Literal["held", "committed", "released", "expired"]


class Offer(Struct, frozen=True, kw_only=True):
    """What one SKU is sold as, at this moment."""

    sku: Sku
    item_id: UUID
    seller_id: UUID
    title: str
    """The item's and the variant's, as an order line freezes it."""
    price: Money
    tax_rate_bp: int
    """Basis points of the price that are tax included in it: 1900 is 19%."""
    image_url: str | None = None


class ItemListed(Event, frozen=True, kw_only=True):
    """The item is on sale, as follows. Told at publication and at every change after it."""

    kind: ClassVar[str] = "items.item.listed"
    item_id: UUID
    seller_id: UUID
    slug: str
    title: str
    category: str
    offers: list[Offer]


class ItemWithdrawn(Event, frozen=True, kw_only=True):
    """The item is no longer on sale."""

    kind: ClassVar[str] = "items.item.withdrawn"
    item_id: UUID
    seller_id: UUID


class StockRanOut(Event, frozen=True, kw_only=True):
    """The last free unit was taken."""

    kind: ClassVar[str] = "items.stock.ran_out"
    item_id: UUID
    sku: Sku


class StockReturned(Event, frozen=True, kw_only=True):
    """There are free units again."""

    kind: ClassVar[str] = "items.stock.returned"
    item_id: UUID
    sku: Sku


class HoldLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many of one SKU."""

    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=99_999)]


class RequestQuotes(Struct, frozen=True, kw_only=True):
    """`POST /internal/v1/quotes`, by orders."""

    skus: list[Sku]


class Quote(Struct, frozen=True, kw_only=True):
    """An offer and how much of it is free."""

    offer: Offer
    free: int


class Quotes(Struct, frozen=True, kw_only=True):
    """SKUs that are not on sale are left out."""

    quotes: list[Quote]


class PlaceHold(Struct, frozen=True, kw_only=True):
    """`POST /internal/v1/holds`, by orders. All lines or none; the same `hold_id` again answers the same hold.

    Refused with `out_of_stock` (facts `sku`, `free`) or `offer_missing` (fact `sku`).
    """

    hold_id: UUID
    lines: list[HoldLine]
    expires_at: datetime


class Hold(Struct, frozen=True, kw_only=True):
    """A hold and what was held at which price.

    `POST /internal/v1/holds/{hold_id}/commit` takes the units for good (refused with `hold_expired` once they have gone
    back); `POST …/release` gives them back; both may be repeated.
    """

    hold_id: UUID
    state: HoldState
    expires_at: datetime
    offers: list[Offer]


class Restock(Struct, frozen=True, kw_only=True):
    """`POST /internal/v1/restocks`, by orders: units of a committed hold come back. Once per `restock_id`."""

    restock_id: UUID
    lines: list[HoldLine]


class Restocked(Struct, frozen=True, kw_only=True):
    """Done, now or before."""

    restock_id: UUID
