"""The public catalogue: rewritten with every change of an item on sale, and read by everybody.

Hot reads are prepared; where they ask for several rows by key they ask for a fixed number, padded.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Select, Uuid, bindparam, delete, insert, select, tuple_

from services.chassis.database import Database, Prepared, Unit
from services.contracts.items import Offer, Quote
from services.items.domain.listings import Availability, Listing
from services.items.store.dialect import insert_into
from services.items.store.stock import free_units
from services.items.tables import CATEGORIES, LISTINGS, OFFERS, STOCK, VARIANTS

Key = TypeVar("Key")

SKUS_AT_ONCE = 8
CARDS_AT_ONCE = 20
_NO_SKU = ""
_NO_ITEM = UUID(int=0)

_COLUMNS = tuple(column.name for column in LISTINGS.columns)


class Place(Struct, frozen=True, array_like=True):
    """Where a listing stands in lists: when it was listed, and its item's id among those of the same moment."""

    listed_at: datetime
    item_id: UUID


END_OF_TIME = Place(datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


class CardRow(Struct, frozen=True):
    """A card of the catalogue."""

    card: bytes
    in_stock: bool

    @property
    def place(self) -> Place:
        """Where it stands in lists. Read from the card, since of a page's cards only the last is asked."""
        named = _named.decode(self.card)
        return Place(named.listed_at, named.id)


class FoundRow(Struct, frozen=True):
    """A card and whose it is."""

    item_id: UUID
    card: bytes
    in_stock: bool


class _Named(Struct, frozen=True):
    id: UUID
    listed_at: datetime


class ItemRow(Struct, frozen=True):
    """A document once for each of its SKUs."""

    document: bytes
    sku: str
    free: int


class QuoteRow(Struct, frozen=True):
    """An encoded offer, and how much of it is free."""

    offer: bytes
    free: int


_offer = msgspec.json.Decoder(Offer)
_named = msgspec.json.Decoder(_Named)


async def show(unit: Unit, listings: Sequence[Listing]) -> None:
    """In place of what was shown of these items before."""
    if not listings:
        return
    statement = insert_into(unit, LISTINGS)
    changed = {name: statement.excluded[name] for name in _COLUMNS if name != "item_id"}
    rows = [{name: getattr(listing, name) for name in _COLUMNS} for listing in listings]
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=changed), rows)
    await _retract_offers(unit, [listing.item_id for listing in listings])
    await unit.connection.execute(
        insert(OFFERS),
        [
            {"sku": offer.sku, "item_id": offer.item_id, "offer": msgspec.json.encode(offer)}
            for listing in listings
            for offer in listing.offers
        ],
    )


async def hide(unit: Unit, item_ids: Sequence[UUID]) -> None:
    """They are in no list and on no page any more, and cannot be held."""
    await _retract_offers(unit, item_ids)
    await unit.connection.execute(delete(LISTINGS).where(LISTINGS.c.item_id.in_(item_ids)))


async def _retract_offers(unit: Unit, item_ids: Sequence[UUID]) -> None:
    await unit.connection.execute(delete(OFFERS).where(OFFERS.c.item_id.in_(item_ids)))


def _padded(keys: Sequence[Key], size: int, blank: Key, name: str) -> Iterator[Mapping[str, Key]]:
    for start in range(0, len(keys), size):
        some = [*keys[start : start + size], *[blank] * size][:size]
        yield {f"{name}{number}": key for number, key in enumerate(some)}


_SKUS = [bindparam(f"sku{number}", type_=OFFERS.c.sku.type) for number in range(SKUS_AT_ONCE)]
_QUOTES = Prepared(
    select(OFFERS.c.offer, free_units())
    .join_from(OFFERS, STOCK, STOCK.c.sku == OFFERS.c.sku)
    .where(OFFERS.c.sku.in_(_SKUS)),
    QuoteRow,
)


async def quotes(database: Database, skus: Sequence[str], *, now: datetime) -> list[Quote]:
    """In the order asked for; those not on sale are left out."""
    found = [
        Quote(offer=_offer.decode(row.offer), free=row.free)
        for keys in _padded(list(dict.fromkeys(skus)), SKUS_AT_ONCE, _NO_SKU, "sku")
        for row in await database.fetch(_QUOTES, now=now, **keys)
    ]
    places = {sku: place for place, sku in reversed(list(enumerate(skus)))}
    return sorted(found, key=lambda quote: places[quote.offer.sku])


def _page(*, by_category: bool, by_seller: bool) -> Prepared[CardRow]:
    before = tuple_(bindparam("listed_at", type_=LISTINGS.c.listed_at.type), bindparam("item_id", type_=Uuid()))
    query = (
        select(LISTINGS.c.card, LISTINGS.c.in_stock)
        .where(tuple_(LISTINGS.c.listed_at, LISTINGS.c.item_id) < before)
        .order_by(LISTINGS.c.listed_at.desc(), LISTINGS.c.item_id.desc())
        .limit(bindparam("most"))
    )
    if by_category:
        query = query.where(LISTINGS.c.category.in_(_inside()))
    if by_seller:
        query = query.where(LISTINGS.c.seller_id == bindparam("seller_id"))
    return Prepared(query, CardRow)


def _inside() -> Select[tuple[str]]:
    """The category named by a parameter, and all that are in it."""
    top = select(CATEGORIES.c.slug).where(CATEGORIES.c.slug == bindparam("category")).cte("inside", recursive=True)
    below = select(CATEGORIES.c.slug).join(top, CATEGORIES.c.parent == top.c.slug)
    return select(top.union_all(below).c.slug)


_PAGES = {
    (by_category, by_seller): _page(by_category=by_category, by_seller=by_seller)
    for by_category in (False, True)
    for by_seller in (False, True)
}


async def page(
    database: Database,
    *,
    category: str | None,
    seller_id: UUID | None,
    before: Place,
    limit: int,
) -> list[CardRow]:
    """Newest first, from `before` on; one more than `limit` if there are more. A category's page has all inside it."""
    wanted: dict[str, object] = {"listed_at": before.listed_at, "item_id": before.item_id, "most": limit + 1}
    if category is not None:
        wanted["category"] = category
    if seller_id is not None:
        wanted["seller_id"] = seller_id
    return await database.fetch(_PAGES[category is not None, seller_id is not None], **wanted)


_IDS = [bindparam(f"id{number}", type_=Uuid()) for number in range(CARDS_AT_ONCE)]
_CARDS = Prepared(
    select(LISTINGS.c.item_id, LISTINGS.c.card, LISTINGS.c.in_stock).where(LISTINGS.c.item_id.in_(_IDS)),
    FoundRow,
)


async def cards(database: Database, item_ids: Sequence[UUID]) -> dict[UUID, FoundRow]:
    """By item; those not listed any more are left out."""
    rows = [
        row for keys in _padded(item_ids, CARDS_AT_ONCE, _NO_ITEM, "id") for row in await database.fetch(_CARDS, **keys)
    ]
    return {row.item_id: row for row in rows}


_DOCUMENT = (
    select(LISTINGS.c.document, STOCK.c.sku, free_units())
    .join_from(LISTINGS, VARIANTS, VARIANTS.c.item_id == LISTINGS.c.item_id)
    .join(STOCK, STOCK.c.sku == VARIANTS.c.sku)
    .where(~VARIANTS.c.withdrawn)
    .order_by(VARIANTS.c.position)
)
_BY_ID = Prepared(_DOCUMENT.where(LISTINGS.c.item_id == bindparam("wanted")), ItemRow)
_BY_SLUG = Prepared(_DOCUMENT.where(LISTINGS.c.slug == bindparam("wanted")), ItemRow)


async def document(database: Database, wanted: UUID | str, *, now: datetime) -> tuple[bytes, list[Availability]] | None:
    """By id or by slug; None when it is not listed."""
    query = _BY_ID if isinstance(wanted, UUID) else _BY_SLUG
    rows = await database.fetch(query, wanted=wanted, now=now)
    if not rows:
        return None
    return rows[0].document, [Availability(sku=row.sku, free=row.free) for row in rows]
