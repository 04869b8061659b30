"""How much an API key is used, by day."""

from datetime import date
from uuid import UUID

from msgspec import Struct


class KeyUsage(Struct, frozen=True, kw_only=True):
    """Requests that the gateway has let in with one key on one day (UTC)."""

    key_id: UUID
    user_id: UUID
    day: date
    requests: int
