"""Copies of what items sells and of who sells it, so that a cart asks nobody."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from services.chassis.database import Database, Prepared, Unit, single
from services.contracts.items import Offer
from services.contracts.money import Money
from services.orders.domain.carts import Offers
from services.orders.tables import OFFERED_ITEMS, OFFERS, SELLERS

SLOTS = 8
"""SKUs a look-up asks for at once: a prepared statement has a fixed number of parameters."""
_SLOT_NAMES = tuple(f"sku_{slot}" for slot in range(SLOTS))
_NO_SKU = ""


def _offer(  # noqa: PLR0917 - one argument a column, in their order.
    sku: str,
    item_id: UUID,
    seller_id: UUID,
    title: str,
    price_minor: int,
    currency: str,
    tax_rate_bp: int,
    image_url: str | None,
) -> Offer:
    return Offer(
        sku=sku,
        item_id=item_id,
        seller_id=seller_id,
        title=title,
        price=Money(minor=price_minor, currency=currency),
        tax_rate_bp=tax_rate_bp,
        image_url=image_url,
    )


BY_SKU = Prepared(select(*OFFERS.c).where(or_(*(OFFERS.c.sku == bindparam(name) for name in _SLOT_NAMES))), _offer)
_OF_OWNER = select(SELLERS.c.seller_id).where(SELLERS.c.owner_id == bindparam("owner_id")).limit(1)
SELLER_OF: Prepared[UUID] = Prepared(_OF_OWNER, single)


async def of_skus(database: Database, skus: Iterable[str]) -> Offers:
    """Those that are on sale, by SKU."""
    wanted = sorted(set(skus))
    found: dict[str, Offer] = {}
    for start in range(0, len(wanted), SLOTS):
        some = [*wanted[start : start + SLOTS], *[_NO_SKU] * SLOTS][:SLOTS]
        rows = await database.fetch(BY_SKU, **dict(zip(_SLOT_NAMES, some, strict=True)))
        found |= {offer.sku: offer for offer in rows}
    return found


async def replace_of_item(unit: Unit, item_id: UUID, version: int, offers: Sequence[Offer]) -> bool:
    """All that the item is sold as from its `version` on; False when something newer is known."""
    values = {"item_id": item_id, "version": version}
    if not await _is_newer(unit, OFFERED_ITEMS, values, key="item_id"):
        return False
    skus = [offer.sku for offer in offers]
    await unit.connection.execute(delete(OFFERS).where(or_(OFFERS.c.item_id == item_id, OFFERS.c.sku.in_(skus))))
    if offers:
        await unit.connection.execute(insert(OFFERS), [_row(offer) for offer in offers])
    return True


async def keep_seller(unit: Unit, seller_id: UUID, owner_id: UUID, *, suspended: bool, version: int) -> None:
    """Unless something newer is known."""
    values = {"seller_id": seller_id, "owner_id": owner_id, "suspended": suspended, "version": version}
    await _is_newer(unit, SELLERS, values, key="seller_id")


async def seller_of(database: Database, owner_id: UUID) -> UUID | None:
    """The seller this user owns."""
    found = await database.fetch(SELLER_OF, owner_id=owner_id)
    return found[0] if found else None


async def _is_newer(unit: Unit, table: Table, values: dict[str, object], *, key: str) -> bool:
    statement: postgresql.Insert | sqlite.Insert
    if unit.connection.dialect.name == "postgresql":
        statement = postgresql.insert(table).values(values)
    else:
        statement = sqlite.insert(table).values(values)
    fresh = {name: statement.excluded[name] for name in values if name != key}
    upsert: Insert = statement.on_conflict_do_update(
        index_elements=[key], set_=fresh, where=table.c.version < statement.excluded.version
    )
    return (await unit.connection.execute(upsert)).rowcount == 1


def _row(offer: Offer) -> dict[str, object]:
    return {
        "sku": offer.sku,
        "item_id": offer.item_id,
        "seller_id": offer.seller_id,
        "title": offer.title,
        "price_minor": offer.price.minor,
        "currency": offer.price.currency,
        "tax_rate_bp": offer.tax_rate_bp,
        "image_url": offer.image_url,
    }
