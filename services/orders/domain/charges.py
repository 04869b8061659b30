"""The money side of a purchase: one charge at one provider, and what is known of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

ChargeState = Literal["pending", "requires_action", "declined", "authorized", "voided", "captured"]
PaymentStatus = Literal[
    "pending", "requires_action", "declined", "authorized", "voided", "captured", "partially_refunded", "refunded"
]

_RANK: dict[ChargeState, int] = {
    "pending": 0,
    "requires_action": 1,
    "declined": 2,
    "authorized": 3,
    "voided": 4,
    "captured": 5,
}
"""News comes late, twice and in any order. Whatever the order, the highest wins: money that was taken was taken."""


class Charge(Struct, frozen=True, kw_only=True):
    """Written before the provider is asked for the first time."""

    id: UUID
    """The provider's idempotency key for the authorisation; the other asks' keys are made from it."""
    provider: str
    method: str
    """The provider's token for the payment method; never a card."""
    asked_at: datetime
    state: ChargeState = "pending"
    """`pending`: the provider may have been asked, and only it knows the answer."""
    provider_id: str | None = None
    """What the provider calls the charge."""
    action_url: str | None = None
    """Where the buyer confirms with their bank."""
    decline_reason: str | None = None
    captured_minor: int = 0
    refunded_minor: int = 0
    """Refunds that failed do not count; those on their way do."""


def learn(charge: Charge, news: Charge) -> Charge:
    """The charge as both together show it; `charge` itself when `news` is nothing new."""
    if not is_news(charge.state, news.state):
        return charge
    return replace(
        charge,
        state=news.state,
        provider_id=news.provider_id or charge.provider_id,
        action_url=news.action_url,
        decline_reason=news.decline_reason,
        captured_minor=max(charge.captured_minor, news.captured_minor),
    )


def is_news(known: ChargeState, told: ChargeState) -> bool:
    """Whether `learn` would learn something."""
    return _RANK[told] > _RANK[known]


def status(charge: Charge) -> PaymentStatus:
    """The payment as the buyer sees it."""
    if charge.state != "captured" or charge.refunded_minor == 0:
        return charge.state
    return "refunded" if charge.refunded_minor >= charge.captured_minor else "partially_refunded"


def capture_key(charge: Charge) -> str:
    """Of the one capture there can be."""
    return f"{charge.id}-capture"


def void_key(charge: Charge) -> str:
    """Of the one release there can be."""
    return f"{charge.id}-void"


def refund_key(charge: Charge) -> str:
    """Of giving back everything because the purchase could not be completed."""
    return f"{charge.id}-refund"
