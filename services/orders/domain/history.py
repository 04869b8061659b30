"""Who changed what: lines that are only ever added."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

SYSTEM = "system"
PROVIDER = "provider"


class Entry(Struct, frozen=True, kw_only=True):
    """One change of an order."""

    order_id: UUID
    at: datetime
    actor: str
    """`buyer:<user>`, `seller:<user>`, `staff:<user>`, `provider` or `system`."""
    from_state: str
    to_state: str
    note: str | None = None


def buyer(user_id: UUID) -> str:
    """The actor."""
    return f"buyer:{user_id}"


def seller(user_id: UUID) -> str:
    """The actor."""
    return f"seller:{user_id}"


def staff(user_id: UUID) -> str:
    """The actor."""
    return f"staff:{user_id}"
