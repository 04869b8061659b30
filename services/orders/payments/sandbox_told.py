"""What the sandbox provider says, and what it means to Souk."""

from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

import msgspec
from msgspec import Struct

from services.chassis.wire.port import Reply
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
    ProviderTimeout,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundPending,
    RequiresAction,
    Voided,
    WebhookMalformed,
)

SUCCESS = range(200, 300)
CLIENT_ERRORS = range(400, 500)
KEY_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class ChargeTold(Struct, frozen=True, kw_only=True):
    """A charge in the provider's words."""

    id: str
    key: str
    reference: str
    currency: str
    state: str
    captured_minor: int
    reason: DeclineReason | None


class RefundTold(Struct, frozen=True, kw_only=True):
    """A refund in the provider's words."""

    id: str
    key: str
    charge_id: str
    amount_minor: int
    currency: str
    state: str


class FoundTold(Struct, frozen=True, kw_only=True):
    """What a key did."""

    charge: ChargeTold
    refund: RefundTold | None


class DisputeTold(Struct, frozen=True, kw_only=True):
    """A dispute in the provider's words."""

    id: str
    amount_minor: int
    currency: str
    reason: str
    state: str


class NewsTold(Struct, frozen=True, kw_only=True):
    """A webhook."""

    id: str
    type: str
    created_at: datetime
    charge: ChargeTold
    refund: RefundTold | None
    dispute: DisputeTold | None = None


class ProblemTold(Struct, frozen=True, kw_only=True):
    """Why not."""

    code: str = "unknown"
    detail: str = ""


Told = TypeVar("Told", ChargeTold, RefundTold, FoundTold)


def read(reply: Reply, told: type[Told]) -> Told:
    """The answer. Raises `ProviderFailed`, `ProviderRefused`."""
    if reply.status not in SUCCESS:
        raise _why_not(reply)
    try:
        return msgspec.json.decode(reply.body, type=told)
    except msgspec.DecodeError as unreadable:
        raise ProviderFailed("the sandbox provider's answer cannot be read", maybe_applied=True) from unreadable


def _why_not(reply: Reply) -> ProviderFailed | ProviderRefused:
    if reply.status not in CLIENT_ERRORS:
        kind = ProviderTimeout if reply.status == HTTPStatus.GATEWAY_TIMEOUT else ProviderFailed
        return kind(f"the sandbox provider answered {reply.status}", maybe_applied=True)
    if reply.status in KEY_REFUSED:
        return ProviderFailed("the sandbox provider does not accept our API key", maybe_applied=False)
    problem = _problem(reply)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return ProviderFailed("the sandbox provider asks us to slow down", maybe_applied=False)
    if problem.code == "idempotency_key_in_flight":
        return ProviderFailed("the sandbox provider is still serving this key", maybe_applied=True)
    kind_of_refusal = KeyReused if problem.code == "idempotency_key_reused" else ProviderRefused
    return kind_of_refusal(problem.detail, reason=problem.code)


def _problem(reply: Reply) -> ProblemTold:
    try:
        return msgspec.json.decode(reply.body, type=ProblemTold)
    except msgspec.DecodeError:
        return ProblemTold(code=f"status_{reply.status}")


def to_outcome(charge: ChargeTold) -> Outcome | None:
    """What has become of an authorisation by now; None for a state we do not know."""
    match charge.state:
        case "authorized" | "captured":
            return Authorized(charge_id=charge.id)
        case "requires_action":
            return RequiresAction(charge_id=charge.id, action_url=None)
        case "declined":
            return Declined(charge_id=charge.id, reason=charge.reason or "declined")
        case "voided":
            return Voided(charge_id=charge.id)
        case _:
            return None


def to_found(charge: ChargeTold) -> Outcome:
    """The same of a charge that answers a question. Raises `ProviderFailed` for a state we do not know."""
    outcome = to_outcome(charge)
    if outcome is None:
        raise ProviderFailed(f"the sandbox provider's charge is {charge.state}", maybe_applied=True)
    return outcome


def to_authorize_outcome(charge: ChargeTold) -> AuthorizeOutcome:
    """The same of a charge that was just made."""
    outcome = to_outcome(charge)
    if not isinstance(outcome, AuthorizeOutcome):
        raise ProviderFailed(f"the sandbox provider's charge is {charge.state}", maybe_applied=True)
    return outcome


def to_captured(charge: ChargeTold) -> Captured:
    """Of a charge that was captured."""
    return Captured(charge_id=charge.id, amount=Money(minor=charge.captured_minor, currency=charge.currency))


def to_refund_outcome(refund: RefundTold) -> RefundOutcome:
    """By its state."""
    amount = Money(minor=refund.amount_minor, currency=refund.currency)
    match refund.state:
        case "succeeded":
            return Refunded(charge_id=refund.charge_id, refund_id=refund.id, amount=amount)
        case "failed":
            return RefundFailed(charge_id=refund.charge_id, refund_id=refund.id, amount=amount)
        case _:
            return RefundPending(charge_id=refund.charge_id, refund_id=refund.id, amount=amount)


def read_event(body: bytes) -> ProviderEvent:
    """A webhook whose signature was checked. Raises `WebhookMalformed`."""
    try:
        news = msgspec.json.decode(body, type=NewsTold)
    except msgspec.DecodeError as unreadable:
        raise WebhookMalformed(f"not an event of the sandbox provider: {unreadable}") from unreadable
    return ProviderEvent(
        event_id=news.id,
        occurred_at=news.created_at,
        outcome=_told_by(news),
        key=news.charge.key if news.refund is None else news.refund.key,
        reference=news.charge.reference,
    )


def to_dispute(charge: ChargeTold, dispute: DisputeTold) -> Disputed:
    """By its state."""
    decided = {"won": True, "lost": False}
    return Disputed(
        charge_id=charge.id,
        dispute_id=dispute.id,
        amount=Money(minor=dispute.amount_minor, currency=dispute.currency),
        reason=dispute.reason,
        kept=decided.get(dispute.state),
    )


def _told_by(news: NewsTold) -> Outcome | Disputed | None:
    if news.dispute is not None:
        return to_dispute(news.charge, news.dispute)
    if news.refund is not None:
        return to_refund_outcome(news.refund)
    match news.type:
        case "charge.captured":
            return to_captured(news.charge)
        case "charge.requires_action" | "charge.authorized" | "charge.declined" | "charge.voided":
            return to_outcome(news.charge)
        case _:
            return None
