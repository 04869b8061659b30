"""News of charges, refunds and disputes: what is told, how it is signed, and when it is tried again."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from services.sandbox.domain.charges import Charge, ChargeState, Refund, RefundState
from services.sandbox.domain.disputes import Dispute, DisputeState

SIGNATURE_HEADER = "sandbox-signature"

EventType = Literal[
    "charge.requires_action",
    "charge.authorized",
    "charge.declined",
    "charge.captured",
    "charge.voided",
    "refund.pending",
    "refund.succeeded",
    "refund.failed",
    "dispute.opened",
    "dispute.won",
    "dispute.lost",
]

_OF_CHARGE: dict[ChargeState, EventType] = {
    "requires_action": "charge.requires_action",
    "authorized": "charge.authorized",
    "declined": "charge.declined",
    "captured": "charge.captured",
    "voided": "charge.voided",
}
_OF_REFUND: dict[RefundState, EventType] = {
    "pending": "refund.pending",
    "succeeded": "refund.succeeded",
    "failed": "refund.failed",
}
_OF_DISPUTE: dict[DisputeState, EventType] = {
    "open": "dispute.opened",
    "won": "dispute.won",
    "lost": "dispute.lost",
}

RETRY_AFTER_S = (1, 5, 30, 120, 600, 1800, 3600, 7200, 14400)
"""The wait after each try that failed; after the last one the event is given up."""


class News(Struct, frozen=True, kw_only=True):
    """One event as it goes over the wire, with the charge as it was when it happened."""

    id: str
    type: EventType
    created_at: datetime
    charge: Charge
    refund: Refund | None = None
    dispute: Dispute | None = None


def tell(event_id: str, charge: Charge, about: Refund | Dispute | None, *, now: datetime) -> News:
    """The state that was reached names the event."""
    match about:
        case None:
            return News(id=event_id, type=_OF_CHARGE[charge.state], created_at=now, charge=charge)
        case Refund():
            return News(id=event_id, type=_OF_REFUND[about.state], created_at=now, charge=charge, refund=about)
        case Dispute():
            return News(id=event_id, type=_OF_DISPUTE[about.state], created_at=now, charge=charge, dispute=about)


def sign(body: bytes, *, secret: str, now: datetime) -> str:
    """The signature header: `t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""
    seconds = int(now.timestamp())
    signed = f"{seconds}.".encode() + body
    return f"t={seconds},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def next_try(attempts: int, *, now: datetime) -> datetime | None:
    """After `attempts` that failed; None: no more."""
    if attempts > len(RETRY_AFTER_S):
        return None
    return now + timedelta(seconds=RETRY_AFTER_S[attempts - 1])
