"""An item page in one call: what items and users tell, side by side. What does not answer in time is left out."""

import asyncio
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from services.chassis.errors import Missing, Unavailable

PART_TIMEOUT_S = 2.0


class ItemMissing(Missing):
    """No item on sale has this id."""

    code = "item_missing"
    title = "No such item"

    def __init__(self, item_id: UUID) -> None:
        super().__init__(f"no item on sale has the id {item_id}", item_id=str(item_id))


class Reads(Protocol):
    """Public reads of the services."""

    async def read(self, target: str) -> bytes | None:
        """JSON, or None if there is nothing. Raises `Unavailable`."""


class ItemPage(Struct, frozen=True, kw_only=True):
    """Each part as its own route tells it."""

    item: Raw
    """`GET /api/v1/items/{id}`"""
    seller: Raw | None
    """`GET /api/v1/sellers/{id}`"""
    availability: Raw | None
    """`items` of `GET /api/v1/items/{id}/availability`"""
    partial: list[str]
    """The parts that are null because whoever tells them did not answer."""


class _SellerReference(Struct, frozen=True):
    id: UUID


class _Item(Struct, frozen=True):
    seller: _SellerReference


class _List(Struct, frozen=True):
    items: Raw


async def show(reads: Reads, item_id: UUID) -> ItemPage:
    """Raises `ItemMissing`; `Unavailable` when the item itself cannot be had."""
    item = await reads.read(f"/api/v1/items/{item_id}")
    if item is None:
        raise ItemMissing(item_id)
    seller_id = msgspec.json.decode(item, type=_Item).seller.id
    seller, availability = await asyncio.gather(
        _part(reads, f"/api/v1/sellers/{seller_id}"), _part(reads, f"/api/v1/items/{item_id}/availability")
    )
    parts = {"seller": seller, "availability": availability}
    return ItemPage(
        item=Raw(item),
        seller=None if seller is None else Raw(seller),
        availability=None if availability is None else msgspec.json.decode(availability, type=_List).items,
        partial=sorted(name for name, part in parts.items() if part is None),
    )


async def _part(reads: Reads, target: str) -> bytes | None:
    try:
        async with asyncio.timeout(PART_TIMEOUT_S):
            return await reads.read(target)
    except (Unavailable, TimeoutError):
        return None  # The page says so in `partial`.
