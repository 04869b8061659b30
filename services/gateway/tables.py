"""The tables of the gateway: what staff have overridden, and how much API keys are used."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Float, Index, Integer, MetaData, String, Table, Uuid

from services.chassis.database.types import UtcDateTime
from services.chassis.outbox.tables import journal

METADATA = MetaData()
journal(METADATA)

ROUTE_OVERRIDES = Table(
    "route_overrides",
    METADATA,
    Column("path", String(200), primary_key=True),
    Column("closed_s", Integer),
    Column("canary_header", String(100)),
    Column("canary_weight", Integer, nullable=False),
    Column("changed_by", Uuid, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint("canary_weight BETWEEN 0 AND 100", name="route_overrides_weight"),
)

LIMIT_OVERRIDES = Table(
    "limit_overrides",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("burst", Integer, nullable=False),
    Column("per_s", Float, nullable=False),
    Column("changed_by", Uuid, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    CheckConstraint("burst > 0 AND per_s > 0", name="limit_overrides_positive"),
)

KEY_USAGE = Table(
    "key_usage",
    METADATA,
    Column("key_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("requests", BigInteger, nullable=False),
)
Index("key_usage_by_user", KEY_USAGE.c.user_id, KEY_USAGE.c.day)
Index("key_usage_by_day", KEY_USAGE.c.day, KEY_USAGE.c.key_id)
