"""Auth's tables."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
)

from services.chassis.database.types import Json, UtcDateTime
from services.chassis.outbox.tables import journal

METADATA = MetaData()
journal(METADATA)

HASH = LargeBinary(32)


def _owner() -> Column[object]:
    return Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)


USERS = Table(
    "users",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("email", String(254), nullable=False),
    Column("email_key", String(254), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_seller", Boolean, nullable=False),
    Column("is_staff", Boolean, nullable=False),
    Column("verified_at", UtcDateTime),
    Column("suspended_at", UtcDateTime),
    Column("suspended_reason", String(500)),
    Column("totp_sealed", LargeBinary),
    Column("totp_confirmed_at", UtcDateTime),
    Column("totp_step", BigInteger, nullable=False),
    CheckConstraint("version > 0", name="users_version"),
    CheckConstraint("totp_confirmed_at IS NULL OR totp_sealed IS NOT NULL", name="users_totp"),
)
_UNVERIFIED = USERS.c.verified_at.is_(None)
Index("users_unverified", USERS.c.created_at, postgresql_where=_UNVERIFIED, sqlite_where=_UNVERIFIED)

RECOVERY_CODES = Table(
    "recovery_codes",
    METADATA,
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", HASH, primary_key=True),
)

DEVICES = Table(
    "devices",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _owner(),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _owner(),
    Column("agent", String(200), nullable=False),
    Column("network", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("revoked_at", UtcDateTime),
)

REFRESH_TOKENS = Table(
    "refresh_tokens",
    METADATA,
    Column("token_hash", HASH, primary_key=True),
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
    Column("retry_hash", HASH),
)

REVOCATIONS = Table(
    "revocations",
    METADATA,
    Column("session_id", Uuid, primary_key=True),  # No foreign key: it outlives session and user.
    Column("until", UtcDateTime, nullable=False, index=True),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _owner(),
    Column("name", String(80), nullable=False),
    Column("hint", String(16), nullable=False),
    Column("key_hash", HASH, nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
)

MAIL_TOKENS = Table(
    "mail_tokens",
    METADATA,
    Column("token_hash", HASH, primary_key=True),
    _owner(),
    Column("purpose", String(16), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

LETTERS = Table(
    "letters",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("email", String(254), nullable=False),
    Column("email_key", String(254), nullable=False),
    Column("due_at", UtcDateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
)

SELLERS = Table(
    "sellers",
    METADATA,
    Column("seller_id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, index=True),  # No foreign key: users may tell before the user is known.
    Column("approved", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_id", Uuid),
    Column("subject_id", Uuid),
    Column("action", String(32), nullable=False),
    Column("details", Json),
    Column("salt", LargeBinary),
    Column("details_digest", HASH, nullable=False),
    Column("digest", HASH, nullable=False),
)
Index("audit_by_subject", AUDIT.c.subject_id, AUDIT.c.seq)

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", HASH, nullable=False),
    CheckConstraint("id = 1", name="audit_head_only_one"),
)
