"""Items and their variants: what they are made of, and how they become on sale and cease to be.

    draft → published ⇄ archived        draft → archived

Only a draft may miss things. The currency is fixed for good when the item is made. One `version` stands for the item
with its variants; what they have in stock is counted apart, in `stock`.
"""

import re
import unicodedata
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from services.contracts.items import Offer, Sku
from services.contracts.money import Currency, Money
from services.items.domain.fields import (
    PRICE_MINOR_MOST,
    VARIANTS_MOST,
    Attributes,
    CategorySlug,
    Description,
    Images,
    Reference,
    SeenNumber,
    TaxRateBp,
    Title,
    VariantTitle,
)
from services.items.domain.refusals import (
    IllegalMove,
    ItemIncomplete,
    PriceRefused,
    SkuTaken,
    StaleVersion,
    TooManyVariants,
    VariantMissing,
)

Status = Literal["draft", "published", "archived"]
SLUG_WORDS_LENGTH = 60
SLUG_ID_LENGTH = 10

_MOVES: dict[Status, frozenset[Status]] = {
    "draft": frozenset({"published", "archived"}),
    "published": frozenset({"archived"}),
    "archived": frozenset({"published"}),
}


class Variant(Struct, frozen=True, kw_only=True):
    """One way to buy the item. A withdrawn one is kept, since holds and orders may still speak of its SKU."""

    sku: Sku
    title: str
    price: Money
    attributes: dict[str, str]
    withdrawn: bool = False


class Item(Struct, frozen=True, kw_only=True):
    """An item as its seller sees it."""

    id: UUID
    seller_id: UUID
    reference: str
    slug: str
    title: str
    description: str
    category: str | None
    currency: Currency
    tax_rate_bp: int
    attributes: dict[str, str]
    images: Images
    status: Status
    version: int
    created_at: datetime
    updated_at: datetime
    listed_at: datetime | None
    """When it was first published."""
    variants: tuple[Variant, ...]

    @property
    def on_offer(self) -> tuple[Variant, ...]:
        """Variants that can be bought while the item is published."""
        return tuple(variant for variant in self.variants if not variant.withdrawn)


class NewItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft as a seller begins it."""

    title: Title
    currency: Currency
    reference: Reference | None = None
    """None: the item's slug stands in for it."""
    description: Description = ""
    category: CategorySlug | None = None
    tax_rate_bp: TaxRateBp = 0
    attributes: Attributes = {}
    images: Images = []


class ItemChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different. `version` is the one the seller has seen."""

    version: SeenNumber
    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    category: CategorySlug | UnsetType = UNSET
    tax_rate_bp: TaxRateBp | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    images: Images | UnsetType = UNSET


class NewVariant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further way to buy the item."""

    sku: Sku
    price: Money
    title: VariantTitle = ""
    attributes: Attributes = {}


class VariantChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different; `withdrawn: false` puts a withdrawn variant back on offer."""

    version: SeenNumber
    """Of the item."""
    price: Money | UnsetType = UNSET
    title: VariantTitle | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    withdrawn: bool | UnsetType = UNSET


def slug_of(title: str, item_id: UUID) -> str:
    """The title in ASCII letters, and enough of the id that no two items share it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_WORDS_LENGTH].strip("-")
    return f"{words or 'item'}-{item_id.hex[-SLUG_ID_LENGTH:]}"


def draft(wanted: NewItem, *, item_id: UUID, seller_id: UUID, now: datetime) -> Item:
    """A new item, seen by its seller alone."""
    slug = slug_of(wanted.title, item_id)
    return Item(
        id=item_id,
        seller_id=seller_id,
        reference=wanted.reference or slug,
        slug=slug,
        title=wanted.title,
        description=wanted.description,
        category=wanted.category,
        currency=wanted.currency,
        tax_rate_bp=wanted.tax_rate_bp,
        attributes=wanted.attributes,
        images=wanted.images,
        status="draft",
        version=1,
        created_at=now,
        updated_at=now,
        listed_at=None,
        variants=(),
    )


def require_version(item: Item, seen: int) -> None:
    """Raises `StaleVersion`: somebody has changed the item since it was seen."""
    if item.version != seen:
        raise StaleVersion(seen=seen, current=item.version)


def edit(item: Item, change: ItemChange, *, now: datetime) -> Item:
    """Raises `StaleVersion`, and `ItemIncomplete` for one on sale that would lack something."""
    require_version(item, change.version)
    given = {
        name: value
        for name in change.__struct_fields__
        if name != "version" and (value := getattr(change, name)) is not UNSET
    }
    return _changed(replace(item, **given), now=now)


def move(item: Item, to: Status, *, now: datetime) -> Item:
    """Publish or archive. Raises `IllegalMove`, `ItemIncomplete`."""
    if to not in _MOVES[item.status]:
        raise IllegalMove(status=item.status, wanted=to)
    first_time = to == "published" and item.listed_at is None
    return _changed(replace(item, status=to, listed_at=now if first_time else item.listed_at), now=now)


def add_variant(item: Item, wanted: NewVariant, *, now: datetime) -> Item:
    """Raises `SkuTaken`, `PriceRefused`, `TooManyVariants`."""
    if any(variant.sku == wanted.sku for variant in item.variants):
        raise SkuTaken(sku=wanted.sku)
    if len(item.variants) >= VARIANTS_MOST:
        raise TooManyVariants(most=VARIANTS_MOST)
    require_price(wanted.price, item.currency)
    made = Variant(sku=wanted.sku, title=wanted.title, price=wanted.price, attributes=wanted.attributes)
    return _changed(replace(item, variants=(*item.variants, made)), now=now)


def change_variant(item: Item, sku: str, change: VariantChange, *, now: datetime) -> Item:
    """Raises `VariantMissing`, `PriceRefused`, `StaleVersion`, `ItemIncomplete`."""
    require_version(item, change.version)
    if all(variant.sku != sku for variant in item.variants):
        raise VariantMissing(sku=sku)
    if change.price is not UNSET:
        require_price(change.price, item.currency)
    variants = tuple(_applied(variant, change) if variant.sku == sku else variant for variant in item.variants)
    return _changed(replace(item, variants=variants), now=now)


def _applied(variant: Variant, change: VariantChange) -> Variant:
    return Variant(
        sku=variant.sku,
        title=variant.title if change.title is UNSET else change.title,
        price=variant.price if change.price is UNSET else change.price,
        attributes=variant.attributes if change.attributes is UNSET else change.attributes,
        withdrawn=variant.withdrawn if change.withdrawn is UNSET else change.withdrawn,
    )


def require_price(price: Money, currency: str) -> None:
    """Raises `PriceRefused` for another currency than the item's, and for amounts nobody sells at."""
    if price.currency != currency or not 1 <= price.minor <= PRICE_MINOR_MOST:
        raise PriceRefused(minor=price.minor, currency=price.currency, wanted=currency)


def _changed(item: Item, *, now: datetime) -> Item:
    missing = lacks(item)
    if item.status == "published" and missing:
        raise ItemIncomplete(missing=missing)
    return replace(item, version=item.version + 1, updated_at=now)


def lacks(item: Item) -> list[str]:
    """What must be there before the item can be on sale."""
    wanted = {"description": item.description, "category": item.category, "variants": item.on_offer}
    return [name for name, there in wanted.items() if not there]


def offer_of(item: Item, variant: Variant) -> Offer:
    """What an order line freezes."""
    return Offer(
        sku=variant.sku,
        item_id=item.id,
        seller_id=item.seller_id,
        title=f"{item.title}, {variant.title}" if variant.title else item.title,
        price=variant.price,
        tax_rate_bp=item.tax_rate_bp,
        image_url=item.images[0].url if item.images else None,
    )
