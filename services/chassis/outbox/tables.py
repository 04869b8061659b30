"""The three tables that every service database has."""

from typing import NamedTuple

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint, Uuid

from services.chassis.database.types import Json, Serial, UtcDateTime


class Journal(NamedTuple):
    """`outbox`: what is to be published. `inbox`: what was handled. `idempotency`: what was answered."""

    outbox: Table
    inbox: Table
    idempotency: Table


def _outbox(metadata: MetaData) -> Table:
    table = Table(
        "outbox",
        metadata,
        Column("seq", Serial, primary_key=True, autoincrement=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("aggregate_type", String(64), nullable=False),
        Column("aggregate_id", String(64), nullable=False),
        Column("aggregate_version", Integer, nullable=False),
        Column("kind", String(128), nullable=False),
        Column("schema_version", Integer, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("headers", Json, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
        Column("available_at", UtcDateTime, nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("last_error", Text),
        Column("published_at", UtcDateTime),
        UniqueConstraint("aggregate_type", "aggregate_id", "aggregate_version", "kind", name="outbox_once"),
    )
    unpublished = table.c.published_at.is_(None)
    Index(
        "outbox_unpublished",
        table.c.available_at,
        table.c.seq,
        postgresql_where=unpublished,
        sqlite_where=unpublished,
    )
    return table


def _inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("consumer", String(64), primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("processed_at", UtcDateTime, nullable=False),
    )


def _idempotency(metadata: MetaData) -> Table:
    return Table(
        "idempotency",
        metadata,
        Column("actor", String(64), primary_key=True),
        Column("route", String(128), primary_key=True),
        Column("key", String(255), primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer),
        Column("body", LargeBinary),
        Column("created_at", UtcDateTime, nullable=False),
    )


def journal(metadata: MetaData) -> Journal:
    """The service's own three, in `metadata`. Asking again gives the same tables."""
    if "outbox" in metadata.tables:
        return Journal(metadata.tables["outbox"], metadata.tables["inbox"], metadata.tables["idempotency"])
    return Journal(_outbox(metadata), _inbox(metadata), _idempotency(metadata))


JOURNAL = journal(MetaData())
"""The same tables once more, for the statements of the chassis, which are alike for all services."""
