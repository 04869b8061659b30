"""Taking a sheet into the catalogue: an item a unit, so that an import can stop anywhere and go on from there."""

from uuid import UUID

from msgspec.structs import replace

from services.chassis.database import Unit
from services.chassis.errors import SoukError
from services.items.actions.desk import require_category, seller_of, tell
from services.items.actions.stock import announce
from services.items.domain import stock as domain
from services.items.domain.applying import applied, begun
from services.items.domain.imports import Fault, Import
from services.items.domain.items import Item
from services.items.domain.sellers import Seller, require_approved
from services.items.domain.sheets import Entry, SheetFormat, SheetItem
from services.items.store import imports, items, sellers, stock


async def accept(unit: Unit, user_id: UUID, wanted: SheetFormat, source: bytes, *, entries: int) -> Import:
    """Keep a readable sheet to be taken in. Raises `SellerUnknown`, `SellerSuspended`."""
    seller = await seller_of(unit, user_id)
    accepted = Import(
        id=unit.new_id(),
        seller_id=seller.seller_id,
        format=wanted,
        state="queued" if entries else "done",
        items_total=entries,
        items_read=0,
        created=0,
        updated=0,
        faulty=0,
        created_at=unit.now,
        finished_at=None if entries else unit.now,
    )
    await imports.add(unit, accepted, source)
    return accepted


async def take_in(unit: Unit, import_id: UUID, number: int, entry: Entry) -> bool:
    """The item `number` of the sheet. False: another worker was faster.

    What it raises is a reason for `refuse`, in a unit of its own.
    """
    before = await imports.locked(unit, import_id)
    if before.items_read != number:
        return False
    if entry.item is None:
        await _report(unit, before, entry.faults)
        return True
    seller = require_approved(await sellers.shared_by_id(unit, before.seller_id))
    made = await _apply(unit, seller, entry.item)
    counted = replace(before, created=before.created + made, updated=before.updated + (not made))
    await imports.save(unit, _gone_on(unit, counted))
    return True


async def refuse(unit: Unit, import_id: UUID, number: int, entry: Entry, refusal: SoukError) -> bool:
    """The item cannot be taken in for this reason. False: another worker was faster."""
    before = await imports.locked(unit, import_id)
    if before.items_read != number:
        return False
    reference = entry.item.reference if entry.item else ""
    fault = Fault(line=entry.line, reference=reference, code=refusal.code, detail=refusal.detail)
    await _report(unit, before, [fault])
    return True


async def _report(unit: Unit, before: Import, faults: list[Fault]) -> None:
    await imports.report(unit, before.id, faults)
    await imports.save(unit, _gone_on(unit, replace(before, faulty=before.faulty + 1)))


def _gone_on(unit: Unit, counted: Import) -> Import:
    read = counted.items_read + 1
    over = read >= counted.items_total
    return replace(counted, items_read=read, state="done" if over else "queued", finished_at=unit.now if over else None)


async def _apply(unit: Unit, seller: Seller, sheet: SheetItem) -> bool:
    """Whether the item is new."""
    await require_category(unit, sheet.category)
    known = await items.locked_by_reference(unit, seller.seller_id, sheet.reference)
    before = known or begun(sheet, item_id=unit.new_id(), seller_id=seller.seller_id, now=unit.now)
    after = applied(before, sheet, now=unit.now)
    if known is None:
        await items.add(unit, after)
    elif after is not before:
        await items.save(unit, before, after)
    await _count(unit, after, sheet)
    if after is not before:
        await tell(unit, before, after, seller)
    return known is None


async def _count(unit: Unit, item: Item, sheet: SheetItem) -> None:
    """Stock as the sheet says. All of the item's is locked first, so that SKUs are locked in order."""
    levels = await stock.locked_of_item(unit, item.id)
    changes = []
    for variant in sorted(sheet.variants, key=lambda variant: variant.sku):
        before = levels.get(variant.sku)
        if before is None:
            await stock.add(unit, variant.sku, item.id, variant.on_hand or 0)
        elif variant.on_hand is not None and variant.on_hand != before.on_hand:
            after = domain.count(before, variant.on_hand, seen=before.version)
            changes.append(await stock.save(unit, before, after))
    await announce(unit, changes)
