"""The tables of users."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table, Uuid, text

from services.chassis.database.types import Json, UtcDateTime
from services.chassis.outbox.tables import journal

METADATA = MetaData()
journal(METADATA)

PROFILES = Table(
    "profiles",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("display_name", String(80), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("version", Integer, nullable=False),
    Column("registered_version", Integer, nullable=False),
    CheckConstraint("version > 0", name="profiles_version"),
)

ERASED_USERS = Table(
    "erased_users",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("erased_at", UtcDateTime, nullable=False),
)

ADDRESSES = Table(
    "addresses",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("address", Json, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
Index("addresses_by_user", ADDRESSES.c.user_id, ADDRESSES.c.id)
_DEFAULT = text("is_default")  # A text, because the two databases write a comparison with true differently.
Index("addresses_one_default", ADDRESSES.c.user_id, unique=True, postgresql_where=_DEFAULT, sqlite_where=_DEFAULT)

SELLERS = Table(
    "sellers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, unique=True),
    Column("slug", String(60), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("about", String(2000), nullable=False),
    Column("country", String(2), nullable=False),
    Column("state", String(16), nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("reason", String(500)),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('applied', 'approved', 'rejected', 'suspended', 'closed')", name="sellers_state"),
    CheckConstraint("version > 0", name="sellers_version"),
)
Index("sellers_by_state", SELLERS.c.state, SELLERS.c.id)

FOLLOWS = Table(
    "follows",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("seller_id", Uuid, ForeignKey("sellers.id"), primary_key=True),
    Column("followed_at", UtcDateTime, nullable=False),
)
Index("follows_by_seller", FOLLOWS.c.seller_id)

WISH_LISTS = Table(
    "wish_lists",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("name", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
Index("wish_lists_by_user", WISH_LISTS.c.user_id, WISH_LISTS.c.id)

WISHES = Table(
    "wishes",
    METADATA,
    Column("list_id", Uuid, ForeignKey("wish_lists.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", Uuid, primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
)
