"""What auth announces, and what the gateway asks of it."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct

from services.contracts.message import Event

Role = Literal["buyer", "seller", "staff"]


class UserRegistered(Event, frozen=True, kw_only=True):
    """Someone has an account; the address is not proven yet."""

    kind: ClassVar[str] = "auth.user.registered"
    user_id: UUID
    email: str
    display_name: str


class UserVerified(Event, frozen=True, kw_only=True):
    """The address is theirs."""

    kind: ClassVar[str] = "auth.user.verified"
    user_id: UUID
    email: str


class UserErased(Event, frozen=True, kw_only=True):
    """The account is gone for good: every service forgets what could name the person."""

    kind: ClassVar[str] = "auth.user.erased"
    user_id: UUID


class SessionRevoked(Event, frozen=True, kw_only=True):
    """Access tokens of this session are void at once."""

    kind: ClassVar[str] = "auth.session.revoked"
    session_id: UUID
    user_id: UUID
    until: datetime
    """After this, no access token of the session can still be valid."""


class ApiKeyRevoked(Event, frozen=True, kw_only=True):
    """The key is void at once."""

    kind: ClassVar[str] = "auth.api_key.revoked"
    key_id: UUID
    user_id: UUID


class ResolveApiKey(Struct, frozen=True, kw_only=True):
    """`POST /internal/v1/api-keys/resolve`, by the gateway. Refused with `api_key_refused`."""

    api_key: str


class ResolvedApiKey(Struct, frozen=True, kw_only=True):
    """Whose key it is and what it may do."""

    key_id: UUID
    user_id: UUID
    roles: frozenset[Role]
    scopes: frozenset[str]
    expires_at: datetime | None = None


class RevokedSession(Struct, frozen=True, kw_only=True):
    """One entry of `Revocations`."""

    session_id: UUID
    until: datetime


class Revocations(Struct, frozen=True, kw_only=True):
    """`GET /internal/v1/revocations`, by the gateway at its start: whose access tokens may still look valid."""

    sessions: list[RevokedSession]
