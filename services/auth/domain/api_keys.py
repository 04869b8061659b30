"""API keys: what a program may do in a user's name."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Conflict, Denied, Invalid, Missing

KEYS_MOST = 25
HINT_LENGTH = 8
LIFE_MOST = timedelta(days=3650)


class ApiKeyRefused(Denied):
    """Told to the gateway: the key is unknown, revoked or expired, or its owner may not come in."""

    code = "api_key_refused"
    title = "API key refused"

    def __init__(self) -> None:
        super().__init__("the API key is not valid")


class ApiKeyMissing(Missing):
    """The user has no such key."""

    code = "api_key_missing"
    title = "No such API key"

    def __init__(self) -> None:
        super().__init__("you have no such API key")


class TooManyApiKeys(Conflict):
    """Old ones have to go first."""

    code = "too_many_api_keys"
    title = "Too many API keys"

    def __init__(self) -> None:
        super().__init__(f"a user has at most {KEYS_MOST} API keys; revoke one first", most=KEYS_MOST)


class ExpiryUnfit(Invalid):
    """It has passed, or is beyond what anyone can answer for."""

    code = "expiry_unfit"
    title = "Unfit expiry"

    def __init__(self) -> None:
        super().__init__(f"`expires_at` is between now and {LIFE_MOST.days // 365} years from now")


class ApiKey(Struct, frozen=True, kw_only=True):
    """One key, without the key."""

    id: UUID
    user_id: UUID
    name: str
    hint: str
    """Its first characters, to tell it from others."""
    key_hash: bytes
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None


def check_new(existing: int, expires_at: datetime | None, *, now: datetime) -> None:
    """Whether one more may be made. Raises `TooManyApiKeys`, `ExpiryUnfit`."""
    if expires_at is not None and not timedelta() < expires_at - now <= LIFE_MOST:
        raise ExpiryUnfit
    if existing >= KEYS_MOST:
        raise TooManyApiKeys
