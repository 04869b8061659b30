"""The provider's books, what it answered under which key, and the webhooks it owes."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

from services.chassis.database.types import Json, UtcDateTime
from services.chassis.outbox.tables import journal

METADATA = MetaData()
journal(METADATA)

CHARGES = Table(
    "charges",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("reference", String(64), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("token", String(64), nullable=False),
    Column("state", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("disputed_minor", BigInteger, nullable=False, server_default="0"),
    Column("reason", String(32)),
    Column("settles_at", UtcDateTime),
)
Index("charges_by_reference", CHARGES.c.reference, CHARGES.c.currency)

REFUNDS = Table(
    "refunds",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("charge_id", String(64), ForeignKey("charges.id"), nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("settles_at", UtcDateTime),
)

DISPUTES = Table(
    "disputes",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("charge_id", String(64), ForeignKey("charges.id"), nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

REQUESTS = Table(
    "requests",
    METADATA,
    Column("key", String(255), primary_key=True),
    Column("operation", String(16), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("charge_id", String(64), nullable=False),  # No foreign key: the key is taken before the charge is written.
    Column("refund_id", String(64)),
    Column("reply", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("event_id", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime),  # Null once it was delivered or given up.
    Column("delivered_at", UtcDateTime),
    Column("last_error", Text),
)

FAULTS = Table(
    "faults",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("faults", Json, nullable=False),
)

for _table, _due in ((CHARGES, "settles_at"), (REFUNDS, "settles_at"), (DELIVERIES, "next_at")):
    _some = _table.c[_due].is_not(None)
    Index(f"{_table.name}_due", _table.c[_due], postgresql_where=_some, sqlite_where=_some)
