"""The migration that gives a service database its journal: outbox, inbox and idempotency, as of their first revision.

A revision that has been released never changes, so neither does this. What changes a journal later is a function of its
own beside it and a new revision of every service.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_journal() -> None:
    """The three tables, for `upgrade`."""
    _idempotency()
    _inbox()
    _outbox()


def drop_journal() -> None:
    """And for `downgrade`."""
    for table in ("outbox", "inbox", "idempotency"):
        op.drop_table(table)


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("route", sa.String(128), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("actor", "route", "key"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(64), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("processed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", SERIAL, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("aggregate_type", sa.String(64), nullable=False),
        sa.Column("aggregate_id", sa.String(64), nullable=False),
        sa.Column("aggregate_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(128), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("available_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("published_at", MOMENT),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("aggregate_type", "aggregate_id", "aggregate_version", "kind", name="outbox_once"),
        sa.UniqueConstraint("event_id"),
    )
    some = sa.text("published_at IS NULL")
    op.create_index("outbox_unpublished", "outbox", ["available_at", "seq"], postgresql_where=some, sqlite_where=some)
