"""Carts: lines with the price they were quoted at. No price ever comes from the client."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.chassis.errors import Conflict, Invalid, Missing
from services.contracts.items import Offer

LINES_MOST = 50
QUANTITY_MOST = 999
QUOTED_FOR = timedelta(hours=1)
"""How long a line keeps its price; after that it is quoted again when the cart is looked at."""

Offers = Mapping[str, Offer]
"""By SKU; one that is not on sale is not there."""


class CartLine(Struct, frozen=True, kw_only=True):
    """So many of one SKU, at the price of `quoted_at`."""

    sku: str
    item_id: UUID
    seller_id: UUID
    title: str
    quantity: int
    unit_price_minor: int
    quoted_at: datetime
    image_url: str | None = None


class Cart(Struct, frozen=True, kw_only=True):
    """What someone means to buy. It belongs to a user, or to whoever knows its token."""

    id: UUID
    owner_id: UUID | None
    token_hash: bytes | None
    """SHA-256 of a visitor's token."""
    currency: str | None
    """Of all lines; None while there are none."""
    lines: tuple[CartLine, ...]
    version: int
    checkout_id: UUID | None
    """Of the checkout under way or done; a cart is bought once."""
    created_at: datetime
    changed_at: datetime


class CartMissing(Missing):
    """There is no such cart, or it is somebody else's."""

    code = "cart_missing"
    title = "No such cart"


class CartLineMissing(Missing):
    """The cart holds no such SKU."""

    code = "cart_line_missing"
    title = "No such line"


class CartClosed(Conflict):
    """It is being bought, or was."""

    code = "cart_closed"
    title = "Cart already checked out"


class CartEmpty(Conflict):
    """There is nothing to buy."""

    code = "cart_empty"
    title = "Cart is empty"


class CartChanged(Conflict):
    """Somebody changed it in the same moment."""

    code = "cart_changed"
    title = "Cart changed meanwhile"


class CartFull(Invalid):
    """No more lines, or no more of one SKU."""

    code = "cart_full"
    title = "Too much for one cart"


class OfferMissing(Conflict):
    """The SKU is not on sale."""

    code = "offer_missing"
    title = "Not on sale"

    def __init__(self, *, sku: str) -> None:
        super().__init__(f"{sku} is not on sale", sku=sku)


class CurrencyMismatch(Conflict):
    """One cart, one payment, one currency."""

    code = "currency_mismatch"
    title = "Another currency"


class PriceChanged(Conflict):
    """The buyer has not seen the price that holds now. Fact `changes`: SKU, old and new price of each such line."""

    code = "price_changed"
    title = "A price has changed"

    def __init__(self, changes: Sequence[dict[str, str | int]]) -> None:
        super().__init__("prices have changed; look at the cart again before you buy", changes=list(changes))


def require_offer(offers: Offers, sku: str) -> Offer:
    """Raises `OfferMissing`."""
    offer = offers.get(sku)
    if offer is None:
        raise OfferMissing(sku=sku)
    return offer


def require_open(cart: Cart) -> None:
    """Raises `CartClosed`."""
    if cart.checkout_id is not None:
        raise CartClosed("this cart is being bought or was bought", checkout_id=str(cart.checkout_id))


def put(cart: Cart, offer: Offer, quantity: int, now: datetime) -> Cart:
    """Set how many of the offer's SKU, quoted now. Raises `CartFull`, `CurrencyMismatch`, `CartClosed`."""
    require_open(cart)
    others = tuple(line for line in cart.lines if line.sku != offer.sku)
    if len(others) >= LINES_MOST or quantity > QUANTITY_MOST:
        raise CartFull(f"a cart holds {LINES_MOST} lines of up to {QUANTITY_MOST} each")
    if others and offer.price.currency != cart.currency:
        raise CurrencyMismatch(f"the cart is in {cart.currency}, the offer in {offer.price.currency}")
    # A changed line keeps its place.
    place = next((index for index, line in enumerate(cart.lines) if line.sku == offer.sku), len(others))
    lines = (*others[:place], _quoted(offer, quantity, now), *others[place:])
    return replace(cart, lines=lines, currency=offer.price.currency, version=cart.version + 1, changed_at=now)


def drop(cart: Cart, sku: str, now: datetime) -> Cart:
    """Take the line out. Raises `CartLineMissing`, `CartClosed`."""
    require_open(cart)
    kept = tuple(line for line in cart.lines if line.sku != sku)
    if len(kept) == len(cart.lines):
        raise CartLineMissing(f"{sku} is not in the cart")
    currency = cart.currency if kept else None
    return replace(cart, lines=kept, currency=currency, version=cart.version + 1, changed_at=now)


def merge(into: Cart, other: Cart, offers: Offers, now: datetime) -> Cart:
    """Lines of both, quantities of one SKU added up; what is not on sale, or no longer fits, is left out."""
    merged = into
    for line in other.lines:
        offer = offers.get(line.sku)
        if offer is None or (merged.lines and offer.price.currency != merged.currency):
            continue
        had = next((mine.quantity for mine in merged.lines if mine.sku == line.sku), 0)
        if had or len(merged.lines) < LINES_MOST:
            merged = put(merged, offer, min(QUANTITY_MOST, had + line.quantity), now)
    return merged


def renew(cart: Cart, offers: Offers, now: datetime) -> Cart:
    """Every line at today's price; what is not on sale any more keeps its old one, and cannot be bought."""
    lines = tuple(_quoted(offers[line.sku], line.quantity, now) if line.sku in offers else line for line in cart.lines)
    return replace(cart, lines=lines, version=cart.version + 1, changed_at=now)


def is_stale(cart: Cart, now: datetime) -> bool:
    """Whether a quote has run out."""
    return any(line.quoted_at + QUOTED_FOR <= now for line in cart.lines)


def price_changes(cart: Cart, offers: Offers) -> list[dict[str, str | int]]:
    """Lines whose offer costs something else now. Raises `OfferMissing`."""
    pairs = [(line, require_offer(offers, line.sku).price) for line in cart.lines]
    return [
        price_change(line.sku, line.unit_price_minor, price.minor, price.currency)
        for line, price in pairs
        if (line.unit_price_minor, cart.currency) != (price.minor, price.currency)
    ]


def price_change(sku: str, old_minor: int, new_minor: int, currency: str) -> dict[str, str | int]:
    """One entry of `PriceChanged`."""
    return {"sku": sku, "old_minor": old_minor, "new_minor": new_minor, "currency": currency}


def _quoted(offer: Offer, quantity: int, now: datetime) -> CartLine:
    return CartLine(
        sku=offer.sku,
        item_id=offer.item_id,
        seller_id=offer.seller_id,
        title=offer.title,
        quantity=quantity,
        unit_price_minor=offer.price.minor,
        quoted_at=now,
        image_url=offer.image_url,
    )
