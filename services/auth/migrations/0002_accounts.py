"""Accounts, credentials, sessions, keys, mails that are owed, and the audit log with the beginning of its chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
HASH = sa.LargeBinary(32)


def upgrade() -> None:
    _audit()
    _audit_head()
    _letters()
    _revocations()
    _sellers()
    _users()
    _api_keys()
    _devices()
    _mail_tokens()
    _recovery_codes()
    _sessions()
    _refresh_tokens()
    _begin_chain()


def downgrade() -> None:
    for table in (
        "refresh_tokens",
        "sessions",
        "recovery_codes",
        "mail_tokens",
        "devices",
        "api_keys",
        "users",
        "sellers",
        "revocations",
        "letters",
        "audit_head",
        "audit",
    ):
        op.drop_table(table)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("details", JSON),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("details_digest", HASH, nullable=False),
        sa.Column("digest", HASH, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("audit_by_subject", "audit", ["subject_id", "seq"])


def _audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", HASH, nullable=False),
        sa.CheckConstraint("id = 1", name="audit_head_only_one"),
        sa.PrimaryKeyConstraint("id"),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_letters_due_at", "letters", ["due_at"])


def _revocations() -> None:
    op.create_table(
        "revocations",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("ix_revocations_until", "revocations", ["until"])


def _sellers() -> None:
    op.create_table(
        "sellers",
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seller_id"),
    )
    op.create_index("ix_sellers_owner_id", "sellers", ["owner_id"])


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_seller", sa.Boolean(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("verified_at", MOMENT),
        sa.Column("suspended_at", MOMENT),
        sa.Column("suspended_reason", sa.String(500)),
        sa.Column("totp_sealed", sa.LargeBinary()),
        sa.Column("totp_confirmed_at", MOMENT),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("totp_confirmed_at IS NULL OR totp_sealed IS NOT NULL", name="users_totp"),
        sa.CheckConstraint("version > 0", name="users_version"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email_key"),
    )
    some = sa.text("verified_at IS NULL")
    op.create_index("users_unverified", "users", ["created_at"], postgresql_where=some, sqlite_where=some)


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("hint", sa.String(16), nullable=False),
        sa.Column("key_hash", HASH, nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_devices_seen_at", "devices", ["seen_at"])
    op.create_index("ix_devices_user_id", "devices", ["user_id"])


def _mail_tokens() -> None:
    op.create_table(
        "mail_tokens",
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_mail_tokens_expires_at", "mail_tokens", ["expires_at"])
    op.create_index("ix_mail_tokens_user_id", "mail_tokens", ["user_id"])


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", HASH, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "code_hash"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("retry_hash", HASH),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_refresh_tokens_expires_at", "refresh_tokens", ["expires_at"])
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])


def _begin_chain() -> None:
    head = sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("digest", sa.LargeBinary()))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "digest": b"\0" * 32}])
