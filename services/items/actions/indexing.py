"""Keeping account of what the search engine lacks."""

from uuid import UUID

from services.chassis.database import Unit
from services.items.store import indexing


async def note_change(unit: Unit, item_id: UUID) -> None:
    """What is public of the item is not what the engine has."""
    await indexing.note_change(unit, item_id)
