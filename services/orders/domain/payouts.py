"""What a seller has earned: on its way until the order is completed, free after that, then paid out."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class Balance(Struct, frozen=True, kw_only=True):
    """Of one seller in one currency."""

    seller_id: UUID
    currency: str
    pending_minor: int
    """Of orders that are not completed yet."""
    free_minor: int
    """Negative when refunds came after the payout."""


class Payout(Struct, frozen=True, kw_only=True):
    """Money that left for a seller's bank."""

    id: UUID
    seller_id: UUID
    amount_minor: int
    currency: str
    issued_at: datetime
    actor: str


def is_due(balance: Balance, *, at_least_minor: int) -> bool:
    """Whether it is worth a transfer."""
    return balance.free_minor >= max(1, at_least_minor)
