"""Disputes: the buyer's bank asks for money back, and decides who keeps it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

DisputeState = Literal["open", "won", "lost"]


class Dispute(Struct, frozen=True, kw_only=True):
    """Of one charge, and so of every order of its checkout."""

    id: UUID
    checkout_id: UUID
    provider_id: str
    """What the provider calls the dispute."""
    state: DisputeState
    """`won`: the seller keeps the money, the dispute is dismissed."""
    amount_minor: int
    currency: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None = None
