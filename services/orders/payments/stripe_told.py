"""What Stripe says of payment intents, refunds and errors, and what it means to Souk.

Only the fields that are used are read, so that a later version of Stripe's API still fits.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import stripe
from msgspec import Struct, field

from services.contracts.money import Money
from services.orders.payments.port import (
    Authorized,
    AuthorizeOutcome,
    Captured,
    Declined,
    DeclineReason,
    Disputed,
    KeyReused,
    Outcome,
    ProviderEvent,
    ProviderFailed,
    ProviderRefused,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundPending,
    RequiresAction,
    Voided,
    WebhookMalformed,
)

KEY = "souk_key"
REFERENCE = "souk_reference"
"""Where our key and reference stand in the metadata of what we make: Stripe cannot be asked by idempotency key."""

_REASONS: Mapping[str, DeclineReason] = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_method",
    "authentication_required": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
}


class ErrorTold(Struct, frozen=True, kw_only=True):
    """Why a payment method was refused."""

    code: str | None = None
    decline_code: str | None = None


class RedirectTold(Struct, frozen=True, kw_only=True):
    """Where the buyer confirms."""

    url: str | None = None


class ActionTold(Struct, frozen=True, kw_only=True):
    """What the buyer must do."""

    redirect_to_url: RedirectTold | None = None


class IntentTold(Struct, frozen=True, kw_only=True):
    """A payment intent."""

    id: str
    status: str
    currency: str
    amount_received: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    last_payment_error: ErrorTold | None = None
    next_action: ActionTold | None = None


class RefundTold(Struct, frozen=True, kw_only=True):
    """A refund."""

    id: str
    amount: int
    currency: str
    payment_intent: str | None = None
    status: str | None = None
    metadata: dict[str, str] | None = None


class DisputeTold(Struct, frozen=True, kw_only=True):
    """A dispute."""

    id: str
    amount: int
    currency: str
    reason: str
    status: str
    payment_intent: str | None = None


class DataTold(Struct, frozen=True, kw_only=True):
    """What an event is about."""

    object: msgspec.Raw


class NewsTold(Struct, frozen=True, kw_only=True):
    """An event."""

    id: str
    type: str
    created: int
    data: DataTold


def to_reason(error: ErrorTold | None) -> DeclineReason:
    """The nearest of ours."""
    if error is None:
        return "declined"
    return _REASONS.get(error.decline_code or "") or _REASONS.get(error.code or "") or "declined"


def to_outcome(intent: IntentTold) -> Outcome | None:
    """What has become of an authorisation by now; None for a status we do not know."""
    match intent.status:
        case "requires_capture" | "succeeded":
            return Authorized(charge_id=intent.id)
        case "requires_payment_method":
            return Declined(charge_id=intent.id, reason=to_reason(intent.last_payment_error))
        case "requires_action" | "processing":
            return RequiresAction(charge_id=intent.id, action_url=_action_url(intent))
        case "canceled":
            return Voided(charge_id=intent.id)
        case _:
            return None


def to_found(intent: IntentTold) -> Outcome:
    """The same of an intent that answers a question. Raises `ProviderFailed` for a status we do not know."""
    outcome = to_outcome(intent)
    if outcome is None:
        raise ProviderFailed(f"Stripe's payment intent is {intent.status}", maybe_applied=True)
    return outcome


def to_authorize_outcome(intent: IntentTold) -> AuthorizeOutcome:
    """The same of an intent that was just made."""
    outcome = to_outcome(intent)
    if not isinstance(outcome, AuthorizeOutcome):
        raise ProviderFailed(f"Stripe's payment intent is {intent.status}", maybe_applied=True)
    return outcome


def _action_url(intent: IntentTold) -> str | None:
    if intent.next_action is None or intent.next_action.redirect_to_url is None:
        return None
    return intent.next_action.redirect_to_url.url


def to_captured(intent: IntentTold) -> Captured:
    """Of an intent that succeeded."""
    return Captured(charge_id=intent.id, amount=Money(minor=intent.amount_received, currency=intent.currency.upper()))


def to_refund_outcome(refund: RefundTold) -> RefundOutcome:
    """By its status."""
    charge_id = refund.payment_intent or ""
    amount = Money(minor=refund.amount, currency=refund.currency.upper())
    match refund.status:
        case "succeeded":
            return Refunded(charge_id=charge_id, refund_id=refund.id, amount=amount)
        case "failed" | "canceled":
            return RefundFailed(charge_id=charge_id, refund_id=refund.id, amount=amount)
        case _:
            return RefundPending(charge_id=charge_id, refund_id=refund.id, amount=amount)


def read_event(body: bytes) -> ProviderEvent:
    """A webhook whose signature was checked. Raises `WebhookMalformed`."""
    try:
        news = msgspec.json.decode(body, type=NewsTold)
        outcome, metadata = _told_by(news)
    except msgspec.DecodeError as unreadable:
        raise WebhookMalformed(f"not an event of Stripe: {unreadable}") from unreadable
    return ProviderEvent(
        event_id=news.id,
        occurred_at=datetime.fromtimestamp(news.created, tz=UTC),
        outcome=outcome,
        key=metadata.get(KEY),
        reference=metadata.get(REFERENCE),
    )


def to_dispute(dispute: DisputeTold) -> Disputed:
    """By its status; one that was only a warning takes nothing."""
    decided = {"won": True, "warning_closed": True, "lost": False}
    return Disputed(
        charge_id=dispute.payment_intent or "",
        dispute_id=dispute.id,
        amount=Money(minor=dispute.amount, currency=dispute.currency.upper()),
        reason=dispute.reason,
        kept=decided.get(dispute.status),
    )


def _told_by(news: NewsTold) -> tuple[Outcome | Disputed | None, Mapping[str, str]]:
    match news.type:
        case "charge.dispute.created" | "charge.dispute.closed":
            return to_dispute(msgspec.json.decode(news.data.object, type=DisputeTold)), {}
        case "refund.created" | "refund.updated" | "refund.failed":
            refund = msgspec.json.decode(news.data.object, type=RefundTold)
            return to_refund_outcome(refund), refund.metadata or {}
        case "payment_intent.succeeded":
            intent = msgspec.json.decode(news.data.object, type=IntentTold)
            return to_captured(intent), intent.metadata
        case (
            "payment_intent.amount_capturable_updated"
            | "payment_intent.canceled"
            | "payment_intent.payment_failed"
            | "payment_intent.requires_action"
        ):
            intent = msgspec.json.decode(news.data.object, type=IntentTold)
            return to_outcome(intent), intent.metadata
        case _:
            return None, {}


@contextmanager
def failures_told_apart() -> Iterator[None]:
    """The library's exceptions as the port's: what may have happened, what surely has not, what never will."""
    try:
        yield
    except stripe.IdempotencyError as reused:
        raise KeyReused("Stripe knows this key from another request", reason="idempotency_error") from reused
    except (stripe.CardError, stripe.InvalidRequestError) as refused:
        raise ProviderRefused("Stripe refused", reason=refused.code or "invalid_request") from refused
    except (stripe.AuthenticationError, stripe.PermissionError, stripe.RateLimitError) as turned_away:
        raise ProviderFailed(
            f"Stripe turned us away: {type(turned_away).__name__}", maybe_applied=False
        ) from turned_away
    except stripe.StripeError as failed:
        raise ProviderFailed(f"Stripe answered {failed.http_status}", maybe_applied=True) from failed
