"""The public side of a change to an item: what is shown of it, and what others are told."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from services.chassis.database import Unit
from services.contracts.items import ItemWithdrawn
from services.items.domain.items import Item
from services.items.domain.listings import announcement, listing_of
from services.items.domain.sellers import Seller
from services.items.store import items, listings, stock


async def show(unit: Unit, wanted: Sequence[Item], seller: Seller) -> None:
    """Published items of a seller who may sell."""
    free = await stock.free_skus(unit, [item.id for item in wanted])
    shown = [
        listing_of(item, seller, in_stock=any(variant.sku in free for variant in item.on_offer)) for item in wanted
    ]
    await listings.show(unit, shown)
    for item, listing in zip(wanted, shown, strict=True):
        unit.record(announcement(item, listing), aggregate_id=item.id, aggregate_version=item.version)


async def hide(unit: Unit, wanted: Sequence[Item]) -> None:
    """Items that were shown."""
    await listings.hide(unit, [item.id for item in wanted])
    for item in wanted:
        withdrawn = ItemWithdrawn(item_id=item.id, seller_id=item.seller_id)
        unit.record(withdrawn, aggregate_id=item.id, aggregate_version=item.version)


async def show_all(unit: Unit, seller: Seller) -> None:
    """Everything the seller has published, as it is now."""
    await show(unit, await _bumped(unit, seller.seller_id), seller)


async def hide_all(unit: Unit, seller_id: UUID) -> None:
    """Everything the seller has published vanishes, and stays published for the day they may sell again."""
    await hide(unit, await _bumped(unit, seller_id))


async def _bumped(unit: Unit, seller_id: UUID) -> list[Item]:
    found = await items.locked_published(unit, seller_id)
    bumped = [replace(item, version=item.version + 1) for item in found]
    await items.bump(unit, bumped)
    return bumped
