"""Items with their variants, as their seller sees them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, Select, bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.unit import Unit
from services.contracts.money import Money
from services.items.domain.fields import Images
from services.items.domain.items import Item, Status, Variant
from services.items.domain.refusals import ItemMissing, ReferenceTaken, SkuTaken
from services.items.store.dialect import insert_into
from services.items.tables import ITEMS, VARIANTS

_COLUMNS = tuple(name for name in Item.__struct_fields__ if name != "variants")
_ITEM = select(*(ITEMS.c[name] for name in _COLUMNS))
_VARIANT = select(VARIANTS)


async def add(unit: Unit, item: Item) -> None:
    """A new one with its variants. Raises `ReferenceTaken`, `SkuTaken`."""
    added = insert_into(unit, ITEMS).values(_row(item))
    added = added.on_conflict_do_nothing(index_elements=["seller_id", "reference"])
    if (await unit.connection.execute(added)).rowcount == 0:
        raise ReferenceTaken(item.reference)
    await _save_variants(unit, item, known=())


async def save(unit: Unit, before: Item, after: Item) -> None:
    """Of an item that was locked. Raises `SkuTaken`."""
    await unit.connection.execute(update(ITEMS).where(ITEMS.c.id == after.id).values(_row(after)))
    await _save_variants(unit, after, known=before.variants)


def _row(item: Item) -> dict[str, object]:
    row = {name: getattr(item, name) for name in _COLUMNS}
    return {**row, "images": msgspec.to_builtins(item.images)}


async def _save_variants(unit: Unit, item: Item, *, known: Sequence[Variant]) -> None:
    for position, variant in enumerate(item.variants):
        if position >= len(known):
            await _add_variant(unit, item, variant, position)
        elif variant != known[position]:
            row = _variant_row(item, variant, position)
            await unit.connection.execute(update(VARIANTS).where(VARIANTS.c.sku == variant.sku).values(row))


async def _add_variant(unit: Unit, item: Item, variant: Variant, position: int) -> None:
    added = insert_into(unit, VARIANTS).values(_variant_row(item, variant, position)).on_conflict_do_nothing()
    if (await unit.connection.execute(added)).rowcount == 0:
        raise SkuTaken(sku=variant.sku)


def _variant_row(item: Item, variant: Variant, position: int) -> dict[str, object]:
    return {
        "sku": variant.sku,
        "item_id": item.id,
        "position": position,
        "title": variant.title,
        "price_minor": variant.price.minor,
        "attributes": variant.attributes,
        "withdrawn": variant.withdrawn,
    }


async def locked(unit: Unit, item_id: UUID, seller_id: UUID) -> Item:
    """Nobody else changes it until the unit ends. Raises `ItemMissing`, for another seller's too."""
    mine = (ITEMS.c.id == item_id) & (ITEMS.c.seller_id == seller_id)
    return await _one(unit.connection, _ITEM.where(mine).with_for_update(), item_id)


async def find(connection: AsyncConnection, item_id: UUID, seller_id: UUID) -> Item:
    """Raises `ItemMissing`, for another seller's too."""
    return await _one(connection, _ITEM.where(ITEMS.c.id == item_id, ITEMS.c.seller_id == seller_id), item_id)


async def locked_by_reference(unit: Unit, seller_id: UUID, reference: str) -> Item | None:
    """The seller's item of that reference; nobody else changes it until the unit ends."""
    mine = (ITEMS.c.seller_id == seller_id) & (ITEMS.c.reference == reference)
    found = await _all(unit.connection, _ITEM.where(mine).with_for_update())
    return found[0] if found else None


async def locked_published(unit: Unit, seller_id: UUID) -> list[Item]:
    """All that the seller has on sale, or would have if they were not suspended; locked in the order of their ids."""
    wanted = (ITEMS.c.seller_id == seller_id) & (ITEMS.c.status == "published")
    return await _all(unit.connection, _ITEM.where(wanted).order_by(ITEMS.c.id).with_for_update())


async def bump(unit: Unit, items: Sequence[Item]) -> None:
    """Save nothing but the version of each."""
    if items:
        changed = update(ITEMS).where(ITEMS.c.id == bindparam("item_id")).values(version=bindparam("next_version"))
        await unit.connection.execute(changed, [{"item_id": item.id, "next_version": item.version} for item in items])


async def of_seller(
    connection: AsyncConnection, seller_id: UUID, *, status: Status | None, before: UUID | None, limit: int
) -> list[Item]:
    """Newest first, one more than `limit` if there are more."""
    query = _ITEM.where(ITEMS.c.seller_id == seller_id).order_by(ITEMS.c.id.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(ITEMS.c.status == status)
    if before is not None:
        query = query.where(ITEMS.c.id < before)
    return await _all(connection, query)


async def owns_sku(connection: AsyncConnection, seller_id: UUID, sku: str) -> bool:
    """Whether it is a SKU of one of the seller's items."""
    mine = exists().where(VARIANTS.c.sku == sku, VARIANTS.c.item_id == ITEMS.c.id, ITEMS.c.seller_id == seller_id)
    return (await connection.execute(select(mine))).scalar_one()


async def _one(connection: AsyncConnection, query: Select[*tuple[object, ...]], item_id: UUID) -> Item:
    found = await _all(connection, query)
    if not found:
        raise ItemMissing(item_id)
    return found[0]


async def _all(connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> list[Item]:
    rows = (await connection.execute(query)).mappings().all()
    if not rows:
        return []
    wanted = _VARIANT.where(VARIANTS.c.item_id.in_([row["id"] for row in rows])).order_by(VARIANTS.c.position)
    variants: dict[UUID, list[RowMapping]] = defaultdict(list)
    for variant in (await connection.execute(wanted)).mappings():
        variants[variant["item_id"]].append(variant)
    return [_item(row, variants[row["id"]]) for row in rows]


def _item(row: RowMapping, variants: Sequence[RowMapping]) -> Item:
    fields = {**row, "images": msgspec.convert(row["images"], Images)}
    return Item(**fields, variants=tuple(_variant(variant, row["currency"]) for variant in variants))


def _variant(row: RowMapping, currency: str) -> Variant:
    return Variant(
        sku=row["sku"],
        title=row["title"],
        price=Money(minor=row["price_minor"], currency=currency),
        attributes=row["attributes"],
        withdrawn=row["withdrawn"],
    )
