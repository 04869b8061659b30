"""What sellers do with their items. Each answers the item as it is afterwards."""

from collections.abc import Callable
from uuid import UUID

from services.chassis.database import Unit
from services.items.actions import shelf
from services.items.domain import items as domain
from services.items.domain.categories import CategoryUnknown
from services.items.domain.items import Item, ItemChange, NewItem, NewVariant, Status, VariantChange
from services.items.domain.sellers import Seller, require_approved
from services.items.store import categories, items, sellers, stock

Change = Callable[[Item], Item]


async def seller_of(unit: Unit, user_id: UUID) -> Seller:
    """The shop of the user, who may sell until the unit ends. Raises `SellerUnknown`, `SellerSuspended`."""
    return require_approved(await sellers.shared(unit, user_id))


async def draft(unit: Unit, user_id: UUID, wanted: NewItem) -> Item:
    """Begin an item. Raises `ReferenceTaken`, `CategoryUnknown`."""
    seller = await seller_of(unit, user_id)
    await require_category(unit, wanted.category)
    item = domain.draft(wanted, item_id=unit.new_id(), seller_id=seller.seller_id, now=unit.now)
    await items.add(unit, item)
    return item


async def edit(unit: Unit, user_id: UUID, item_id: UUID, change: ItemChange) -> Item:
    """Raises `ItemMissing`, `StaleVersion`, `ItemIncomplete`, `CategoryUnknown`."""
    if isinstance(change.category, str):
        await require_category(unit, change.category)
    return await _change(unit, user_id, item_id, lambda item: domain.edit(item, change, now=unit.now))


async def move(unit: Unit, user_id: UUID, item_id: UUID, to: Status, *, seen: int) -> Item:
    """Publish or archive. Raises `ItemMissing`, `StaleVersion`, `IllegalMove`, `ItemIncomplete`."""

    def moved(item: Item) -> Item:
        domain.require_version(item, seen)
        return domain.move(item, to, now=unit.now)

    return await _change(unit, user_id, item_id, moved)


async def add_variant(unit: Unit, user_id: UUID, item_id: UUID, wanted: NewVariant, *, seen: int, on_hand: int) -> Item:
    """With its first stock. Raises `ItemMissing`, `StaleVersion`, `SkuTaken`, `PriceRefused`, `TooManyVariants`."""
    seller = await seller_of(unit, user_id)
    before = await items.locked(unit, item_id, seller.seller_id)
    domain.require_version(before, seen)
    after = domain.add_variant(before, wanted, now=unit.now)
    await items.save(unit, before, after)
    await stock.add(unit, wanted.sku, item_id, on_hand)
    await tell(unit, before, after, seller)
    return after


async def change_variant(unit: Unit, user_id: UUID, item_id: UUID, sku: str, change: VariantChange) -> Item:
    """Raises `ItemMissing`, `VariantMissing`, `StaleVersion`, `PriceRefused`, `ItemIncomplete`."""
    return await _change(unit, user_id, item_id, lambda item: domain.change_variant(item, sku, change, now=unit.now))


async def _change(unit: Unit, user_id: UUID, item_id: UUID, change: Change) -> Item:
    seller = await seller_of(unit, user_id)
    before = await items.locked(unit, item_id, seller.seller_id)
    after = change(before)
    await items.save(unit, before, after)
    await tell(unit, before, after, seller)
    return after


async def tell(unit: Unit, before: Item, after: Item, seller: Seller) -> None:
    """Bring what the public sees in line with a saved change."""
    if after.status == "published":
        await shelf.show(unit, [after], seller)
    elif before.status == "published":
        await shelf.hide(unit, [after])


async def require_category(unit: Unit, slug: str | None) -> None:
    """Raises `CategoryUnknown`."""
    if slug is not None and not await categories.keep(unit, slug):
        raise CategoryUnknown(slug)
