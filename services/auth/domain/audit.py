"""The audit log: who did what to whom, in a chain of hashes, so that an edit shows.

Each entry's digest covers the digest before it, under a key that the database does not hold. Details are covered by
their own salted digest, so that those of an erased person can be deleted for good and the chain still holds.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct

GENESIS = b"\0" * 32
Details = dict[str, str]


class Action(StrEnum):
    """Everything that is worth remembering."""

    REGISTERED = "registered"
    REGISTERED_AGAIN = "registered_again"
    CREATED_BY_STAFF = "created_by_staff"
    VERIFIED = "verified"
    LOGGED_IN = "logged_in"
    LOGIN_REFUSED = "login_refused"
    REFRESH_REUSED = "refresh_reused"
    LOGGED_OUT = "logged_out"
    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    SESSION_REVOKED = "session_revoked"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an action.
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an action.
    TOTP_CONFIRMED = "totp_confirmed"
    TOTP_DISABLED = "totp_disabled"
    RECOVERY_CODE_USED = "recovery_code_used"
    API_KEY_CREATED = "api_key_created"
    API_KEY_REVOKED = "api_key_revoked"
    ROLES_CHANGED = "roles_changed"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    ERASED = "erased"


class Entry(Struct, frozen=True, kw_only=True):
    """One line of the log. `details` and `salt` are None once the subject was erased."""

    seq: int
    at: datetime
    actor_id: UUID | None
    """None: a visitor, or Souk itself."""
    subject_id: UUID | None
    """Whose account it is about; None: nobody's."""
    action: str
    details: Details | None
    salt: bytes | None
    details_digest: bytes
    digest: bytes


class Head(Struct, frozen=True, kw_only=True):
    """The end of the chain."""

    seq: int
    digest: bytes


class Note(Struct, frozen=True, kw_only=True):
    """An entry before it has its place."""

    action: Action
    actor_id: UUID | None
    subject_id: UUID | None
    details: Details = {}


class Finding(Struct, frozen=True, kw_only=True):
    """What is wrong with the log, and from where on."""

    seq: int
    fault: str


def link(head: Head, note: Note, *, key: bytes, salt: bytes, at: datetime) -> Entry:
    """The entry that follows `head`."""
    details_digest = _details_digest(note.details, salt)
    seq = head.seq + 1
    return Entry(
        seq=seq,
        at=at,
        actor_id=note.actor_id,
        subject_id=note.subject_id,
        action=note.action,
        details=note.details,
        salt=salt,
        details_digest=details_digest,
        digest=_digest(key, head, (seq, _stamp(at), note.actor_id, note.subject_id, note.action), details_digest),
    )


def head_of(entry: Entry) -> Head:
    """The chain as it ends with this entry."""
    return Head(seq=entry.seq, digest=entry.digest)


def examine(
    entries: Iterable[Entry], *, start: Head, key: bytes, erased: frozenset[UUID]
) -> tuple[Head, Finding | None]:
    """Walk on from `start`: where the walk ended, and the first fault. `erased`: whose details may be gone."""
    head = start
    for entry in entries:
        fault = _fault(key, head, entry, erased)
        if fault is not None:
            return head, Finding(seq=head.seq + 1, fault=fault)
        head = head_of(entry)
    return head, None


def _fault(key: bytes, head: Head, entry: Entry, erased: frozenset[UUID]) -> str | None:
    if entry.seq != head.seq + 1:
        return "an entry is missing"
    facts = (entry.seq, _stamp(entry.at), entry.actor_id, entry.subject_id, entry.action)
    if _digest(key, head, facts, entry.details_digest) != entry.digest:
        return "the entry was changed"
    if entry.details is None or entry.salt is None:
        return None if entry.subject_id in erased else "the details were removed"
    if _details_digest(entry.details, entry.salt) != entry.details_digest:
        return "the details were changed"
    return None


def _details_digest(details: Details, salt: bytes) -> bytes:
    return hashlib.sha256(salt + msgspec.json.encode(details, order="sorted")).digest()


def _digest(key: bytes, head: Head, facts: tuple[object, ...], details_digest: bytes) -> bytes:
    return hmac.digest(key, head.digest + msgspec.json.encode(facts) + details_digest, "sha256")


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
