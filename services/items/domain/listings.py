"""Listings: what everybody may see of an item on sale, as it is shown, encoded once when it changes instead of at every
view. What is free at the moment is not part of it, since that changes far more often.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from services.contracts.items import ItemListed, Offer
from services.contracts.money import Money
from services.items.domain.fields import Image
from services.items.domain.items import Item, offer_of
from services.items.domain.sellers import Seller


class ListedSeller(Struct, frozen=True, kw_only=True):
    """Who sells it."""

    id: UUID
    name: str
    slug: str


class ListedVariant(Struct, frozen=True, kw_only=True):
    """One way to buy it."""

    sku: str
    title: str
    price: Money
    attributes: dict[str, str]


class Availability(Struct, frozen=True, kw_only=True):
    """How much of one variant is free."""

    sku: str
    free: int


class Card(Struct, frozen=True, kw_only=True):
    """An item in a list."""

    id: UUID
    slug: str
    title: str
    category: str
    seller: ListedSeller
    price_from: Money
    """Of its cheapest variant."""
    image_url: str | None
    listed_at: datetime


class ListedCard(Card, frozen=True, kw_only=True):
    """A card as it is answered."""

    in_stock: bool
    """Whether any variant is free; units of a hold that ran out may take a second to count again."""


class Document(Struct, frozen=True, kw_only=True):
    """An item on its own page."""

    id: UUID
    slug: str
    title: str
    description: str
    category: str
    seller: ListedSeller
    attributes: dict[str, str]
    images: list[Image]
    tax_rate_bp: int
    price_from: Money
    variants: list[ListedVariant]
    version: int
    listed_at: datetime
    updated_at: datetime


class ListedItem(Document, frozen=True, kw_only=True):
    """A document as it is answered."""

    availability: list[Availability]


class Listing(Struct, frozen=True, kw_only=True):
    """One row of the public catalogue."""

    item_id: UUID
    seller_id: UUID
    category: str
    slug: str
    listed_at: datetime
    in_stock: bool
    card: bytes
    """A `Card` as JSON."""
    document: bytes
    """A `Document` as JSON."""
    offers: list[Offer]


def listing_of(item: Item, seller: Seller, *, in_stock: bool) -> Listing:
    """Of a published item, which lacks nothing."""
    if item.listed_at is None or item.category is None:
        raise ValueError(f"item {item.id} is not published")
    by = ListedSeller(id=seller.seller_id, name=seller.name, slug=seller.slug)
    return Listing(
        item_id=item.id,
        seller_id=item.seller_id,
        category=item.category,
        slug=item.slug,
        listed_at=item.listed_at,
        in_stock=in_stock,
        card=msgspec.json.encode(_card(item, by, item.category, item.listed_at)),
        document=msgspec.json.encode(_document(item, by, item.category, item.listed_at)),
        offers=[offer_of(item, variant) for variant in item.on_offer],
    )


def _card(item: Item, seller: ListedSeller, category: str, listed_at: datetime) -> Card:
    return Card(
        id=item.id,
        slug=item.slug,
        title=item.title,
        category=category,
        seller=seller,
        price_from=price_from(item),
        image_url=item.images[0].url if item.images else None,
        listed_at=listed_at,
    )


def _document(item: Item, seller: ListedSeller, category: str, listed_at: datetime) -> Document:
    return Document(
        id=item.id,
        slug=item.slug,
        title=item.title,
        description=item.description,
        category=category,
        seller=seller,
        attributes=item.attributes,
        images=item.images,
        tax_rate_bp=item.tax_rate_bp,
        price_from=price_from(item),
        variants=[
            ListedVariant(sku=variant.sku, title=variant.title, price=variant.price, attributes=variant.attributes)
            for variant in item.on_offer
        ],
        version=item.version,
        listed_at=listed_at,
        updated_at=item.updated_at,
    )


def price_from(item: Item) -> Money:
    """Of the cheapest variant on offer."""
    return min((variant.price for variant in item.on_offer), key=lambda price: price.minor)


def announcement(item: Item, listing: Listing) -> ItemListed:
    """What other services learn of it."""
    return ItemListed(
        item_id=item.id,
        seller_id=item.seller_id,
        slug=item.slug,
        title=item.title,
        category=listing.category,
        offers=listing.offers,
    )


def card_now(card: bytes, *, in_stock: bool) -> bytes:
    """A `ListedCard` as JSON."""
    return card[:-1] + (b',"in_stock":true}' if in_stock else b',"in_stock":false}')


def item_now(document: bytes, availability: list[Availability]) -> bytes:
    """A `ListedItem` as JSON."""
    return b'%b,"availability":%b}' % (document[:-1], msgspec.json.encode(availability))


def page_now(cards: list[bytes], cursor: str | None) -> bytes:
    """A page of cards as JSON; a cursor needs no escaping."""
    return b'{"items":[%b],"next":%b}' % (b",".join(cards), b"null" if cursor is None else b'"%b"' % cursor.encode())
