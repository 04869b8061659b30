"""What the services know, table by table, so that two moments can be compared; and the events that got them there."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import MetaData, Table, delete, exists, select

from services.auth.tables import METADATA as AUTH
from services.chassis.clock import utc_now
from services.chassis.database.engine import Database, open_database
from services.chassis.ids import uuid7
from services.chassis.outbox.tables import JOURNAL
from services.chassis.outbox.writing import to_message
from services.contracts.message import Message
from services.items import tables as items
from services.orders import tables as orders
from services.users import tables as users
from tests.cluster.cluster import Cluster

TABLES: Mapping[str, MetaData] = {
    "auth": AUTH,
    "users": users.METADATA,
    "items": items.METADATA,
    "orders": orders.METADATA,
}
OF_HANDLING: Mapping[str, frozenset[str]] = {
    "outbox": frozenset({"available_at", "attempts", "last_error", "published_at"}),
    "search_entries": frozenset({"revision", "indexed", "changed_at"}),
    "erased_users": frozenset({"erased_at"}),
    "erasures": frozenset({"asked_at"}),
}
"""Columns that tell when an event was handled and how often, not what came of it."""
COPIES = {
    "users": (users.PROFILES.delete().where(users.PROFILES.c.version == 1), delete(users.ERASED_USERS)),
    "items": (delete(items.SELLERS).where(~exists().where(items.ITEMS.c.seller_id == items.SELLERS.c.seller_id)),),
    "orders": tuple(delete(table) for table in (orders.OFFERS, orders.OFFERED_ITEMS, orders.SELLERS, orders.ERASURES)),
}
"""Rows that come of events alone, so that the same events bring them back."""


@asynccontextmanager
async def opened(cluster: Cluster, service: str) -> AsyncIterator[Database]:
    """The database of a service, as its owner."""
    database = open_database(cluster.database(service), clock=utc_now, ids=uuid7)
    try:
        yield database
    finally:
        await database.close()


async def digests(cluster: Cluster) -> dict[str, str]:
    """Of each table of each service that handles events, but for the inbox."""
    found: dict[str, str] = {}
    for service, metadata in TABLES.items():
        async with opened(cluster, service) as database:
            for table in metadata.sorted_tables:
                if table.name != JOURNAL.inbox.name:
                    found[f"{service}.{table.name}"] = await _digest(database, table)
    return found


async def _digest(database: Database, table: Table) -> str:
    left_out = OF_HANDLING.get(table.name, frozenset())
    query = select(*(column for column in table.c if column.name not in left_out))
    async with database.reading() as connection:
        said = sorted(repr(tuple(row)) for row in await connection.execute(query))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


async def announced(cluster: Cluster) -> list[Message]:
    """Every event there has ever been; the outboxes keep them for 7 days."""
    found: list[Message] = []
    for service in TABLES:
        async with opened(cluster, service) as database, database.reading() as connection:
            found += [to_message(row) for row in await connection.execute(select(JOURNAL.outbox))]
    return found


async def forget_what_was_heard(cluster: Cluster) -> None:
    """Empty the inboxes and what events alone have brought: as if nothing had been delivered yet."""
    for service in TABLES:
        async with opened(cluster, service) as database, database.unit() as unit:
            for statement in (delete(JOURNAL.inbox), *COPIES.get(service, ())):
                await unit.connection.execute(statement)
