"""What an item of a sheet makes of the seller's item of the same reference, or of nothing."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from services.chassis.errors import Invalid
from services.contracts.money import Money
from services.items.domain import items as domain
from services.items.domain.items import Item, ItemChange, NewItem, NewVariant, VariantChange
from services.items.domain.sheets import SheetItem, SheetVariant


class CurrencyFixed(Invalid):
    """An item keeps the currency it was made with."""

    code = "currency_fixed"
    title = "Currency fixed"

    def __init__(self, currency: str) -> None:
        super().__init__(f"the item is priced in {currency}", currency=currency)


def begun(sheet: SheetItem, *, item_id: UUID, seller_id: UUID, now: datetime) -> Item:
    """The draft that a sheet's new item starts as."""
    wanted = NewItem(title=sheet.title, currency=sheet.currency, reference=sheet.reference)
    return domain.draft(wanted, item_id=item_id, seller_id=seller_id, now=now)


def applied(item: Item, sheet: SheetItem, *, now: datetime) -> Item:
    """The item as the sheet says, itself when nothing differs. Raises `CurrencyFixed`, and what editing does."""
    if item.currency != sheet.currency:
        raise CurrencyFixed(item.currency)
    after = item
    for variant in sheet.variants:
        after = _with_variant(after, variant, now=now)
    after = domain.edit(after, _change(after, sheet), now=now)
    if after.status != sheet.status:
        after = domain.move(after, sheet.status, now=now)
    unchanged = replace(after, version=item.version, updated_at=item.updated_at) == item
    return item if unchanged else after


def _change(item: Item, sheet: SheetItem) -> ItemChange:
    return ItemChange(
        version=item.version,
        title=sheet.title,
        description=sheet.description,
        category=UNSET if sheet.category is None else sheet.category,
        tax_rate_bp=sheet.tax_rate_bp,
        attributes=sheet.attributes,
        images=sheet.images,
    )


def _with_variant(item: Item, variant: SheetVariant, *, now: datetime) -> Item:
    price = Money(minor=variant.price_minor, currency=item.currency)
    if all(known.sku != variant.sku for known in item.variants):
        wanted = NewVariant(sku=variant.sku, price=price, title=variant.title, attributes=variant.attributes)
        return domain.add_variant(item, wanted, now=now)
    change = VariantChange(
        version=item.version,
        price=price,
        title=variant.title,
        attributes=variant.attributes,
        withdrawn=variant.withdrawn,
    )
    return domain.change_variant(item, variant.sku, change, now=now)
