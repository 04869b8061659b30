"""What of the catalogue the search engine does not have yet, and rebuildings that were asked for."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database import Database, Unit
from services.items.domain.searching import Reindex, ReindexMissing
from services.items.store.dialect import insert_into
from services.items.tables import LISTINGS, REINDEXES, SEARCH_ENTRIES

REINDEXES_SHOWN = 20

_REINDEX = select(*(REINDEXES.c[name] for name in Reindex.__struct_fields__))


class Entry(Struct, frozen=True):
    """An item as the engine should have it; without a document it should not."""

    item_id: UUID
    revision: int
    document: bytes | None
    in_stock: bool


async def note_change(unit: Unit, item_id: UUID) -> None:
    """What is public of the item has changed."""
    row = {"item_id": item_id, "revision": 1, "indexed": 0, "changed_at": unit.now}
    added = insert_into(unit, SEARCH_ENTRIES).values(row)
    changed = {"revision": SEARCH_ENTRIES.c.revision + 1, "changed_at": unit.now}
    await unit.connection.execute(added.on_conflict_do_update(index_elements=["item_id"], set_=changed))


_IN_STOCK = func.coalesce(LISTINGS.c.in_stock, literal(value=False))
_ENTRY = select(SEARCH_ENTRIES.c.item_id, SEARCH_ENTRIES.c.revision, LISTINGS.c.document, _IN_STOCK).join_from(
    SEARCH_ENTRIES, LISTINGS, LISTINGS.c.item_id == SEARCH_ENTRIES.c.item_id, isouter=True
)
_STALE = SEARCH_ENTRIES.c.indexed < SEARCH_ENTRIES.c.revision


async def stale(connection: AsyncConnection, *, limit: int) -> list[Entry]:
    """Those that waited longest first."""
    query = _ENTRY.where(_STALE).order_by(SEARCH_ENTRIES.c.changed_at).limit(limit)
    return [Entry(*row) for row in await connection.execute(query)]


async def note_indexed(unit: Unit, entries: Sequence[Entry]) -> None:
    """The engine has these revisions."""
    columns = SEARCH_ENTRIES.c
    same = (columns.item_id == bindparam("entry")) & (columns.indexed < bindparam("had"))
    rows = [{"entry": entry.item_id, "had": entry.revision} for entry in entries]
    await unit.connection.execute(update(SEARCH_ENTRIES).where(same).values(indexed=bindparam("had")), rows)


async def lag(connection: AsyncConnection) -> tuple[int, datetime | None]:
    """How many are stale, and since when the oldest."""
    query = select(func.count(), func.min(SEARCH_ENTRIES.c.changed_at)).where(_STALE)
    count, oldest = (await connection.execute(query)).one()
    return count, oldest


async def forget_indexed(unit: Unit, *, since: datetime | None = None) -> None:
    """Treat as stale everything, or everything that changed since then."""
    again = update(SEARCH_ENTRIES).values(revision=SEARCH_ENTRIES.c.revision + 1)
    if since is not None:
        again = again.where(SEARCH_ENTRIES.c.changed_at >= since)
    await unit.connection.execute(again)


async def listed(database: Database, *, batch: int) -> AsyncIterator[list[Entry]]:
    """Everything the engine should have, in batches; no transaction stays open between them."""
    after = UUID(int=0)
    while True:
        shown = _ENTRY.where(LISTINGS.c.document.is_not(None), SEARCH_ENTRIES.c.item_id > after)
        async with database.reading() as connection:
            rows = await connection.execute(shown.order_by(SEARCH_ENTRIES.c.item_id).limit(batch))
            entries = [Entry(*row) for row in rows]
        if not entries:
            return
        yield entries
        after = entries[-1].item_id


async def any_listed(connection: AsyncConnection) -> bool:
    """Whether there is anything to find."""
    return (await connection.execute(select(SEARCH_ENTRIES.c.item_id).limit(1))).first() is not None


async def request_reindex(unit: Unit) -> Reindex:
    """To be done by a worker."""
    wanted = Reindex(id=unit.new_id(), state="queued", requested_at=unit.now, finished_at=None, documents=None)
    await unit.connection.execute(insert(REINDEXES).values(msgspec.structs.asdict(wanted)))
    return wanted


async def reindexes(connection: AsyncConnection) -> list[Reindex]:
    """Newest first."""
    query = _REINDEX.order_by(REINDEXES.c.id.desc()).limit(REINDEXES_SHOWN)
    return [Reindex(**row) for row in (await connection.execute(query)).mappings()]


async def reindex(connection: AsyncConnection, reindex_id: UUID) -> Reindex:
    """Raises `ReindexMissing`."""
    row = (await connection.execute(_REINDEX.where(REINDEXES.c.id == reindex_id))).mappings().one_or_none()
    if row is None:
        raise ReindexMissing(reindex_id)
    return Reindex(**row)


async def queued_reindexes(connection: AsyncConnection) -> Sequence[UUID]:
    """Asked for and not done."""
    return (await connection.execute(select(REINDEXES.c.id).where(REINDEXES.c.finished_at.is_(None)))).scalars().all()


async def finish_reindexes(unit: Unit, reindex_ids: Sequence[UUID], *, documents: int) -> None:
    """One rebuilding answers all that were asked for before it began."""
    done = {"state": "done", "finished_at": unit.now, "documents": documents}
    await unit.connection.execute(update(REINDEXES).where(REINDEXES.c.id.in_(reindex_ids)).values(done))
