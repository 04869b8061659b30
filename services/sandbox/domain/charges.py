"""The life of a charge and of its refunds. What is made to go wrong on purpose is in `faults` and `tokens`."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.chassis.errors import Conflict, Invalid, Missing
from services.contracts.money import Currency
from services.sandbox.domain.tokens import DeclineReason, Scenario

Operation = Literal["authorize", "capture", "void", "refund"]
ChargeState = Literal["requires_action", "authorized", "captured", "voided", "declined"]
RefundState = Literal["pending", "succeeded", "failed"]

AmountMinor = Annotated[int, Meta(ge=1, le=999_999_999_999, description="Minor units of the currency")]
Token = Annotated[str, Meta(min_length=1, max_length=64, description="Stands for a payment method; never a card")]
Reference = Annotated[str, Meta(pattern="^[!-~]{1,64}$", description="The shop's own name for the purchase")]

SETTLES_AFTER = timedelta(seconds=2)
"""How long a buyer takes to confirm, and a bank to take a pending refund, when nobody does it for them."""


class Purchase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a shop asks to have authorised."""

    amount_minor: AmountMinor
    currency: Currency
    token: Token
    reference: Reference


class Charge(Struct, frozen=True, kw_only=True):
    """One authorisation and what came of it."""

    id: str
    key: str
    """The idempotency key of the authorisation."""
    reference: str
    amount_minor: int
    currency: str
    token: str
    state: ChargeState
    created_at: datetime
    version: int = 1
    """Rises with each change, so that news which overtook other news can be told."""
    captured_minor: int = 0
    refunded_minor: int = 0
    """Pending refunds count, failed ones do not."""
    disputed_minor: int = 0
    """Held by disputes that are open, or gone with those that were lost."""
    reason: DeclineReason | None = None
    settles_at: datetime | None = None
    """When a charge that requires action is approved by itself."""


class Refund(Struct, frozen=True, kw_only=True):
    """Money on its way back."""

    id: str
    key: str
    """The idempotency key it was asked for with."""
    charge_id: str
    amount_minor: int
    currency: str
    state: RefundState
    created_at: datetime
    settles_at: datetime | None = None


class ChargeMissing(Missing):
    """There is no such charge."""

    code = "charge_missing"
    title = "No such charge"


class WrongState(Conflict):
    """The charge is in another state than this needs."""

    code = "charge_wrong_state"
    title = "The charge's state does not allow this"

    def __init__(self, charge: Charge, *, needs: ChargeState) -> None:
        super().__init__(f"the charge is {charge.state}, not {needs}", state=charge.state, needs=needs)


class AmountTooLarge(Invalid):
    """More than there is."""

    code = "amount_too_large"
    title = "Amount too large"

    def __init__(self, *, most_minor: int) -> None:
        super().__init__(f"at most {most_minor} is left", most_minor=most_minor)


def authorize(purchase: Purchase, scenario: Scenario, *, charge_id: str, key: str, now: datetime) -> Charge:
    """The charge as the scenario of its token has it: reserved, refused, or waiting for the buyer."""
    state: ChargeState = "authorized"
    if scenario.decline is not None:
        state = "declined"
    elif scenario.requires_action:
        state = "requires_action"
    return Charge(
        id=charge_id,
        key=key,
        reference=purchase.reference,
        amount_minor=purchase.amount_minor,
        currency=purchase.currency,
        token=purchase.token,
        state=state,
        created_at=now,
        reason=scenario.decline,
        settles_at=now + SETTLES_AFTER if state == "requires_action" and not scenario.abandoned else None,
    )


def approve(charge: Charge, *, approved: bool) -> Charge:
    """The buyer confirmed with their bank, or did not. Raises `WrongState`."""
    if charge.state != "requires_action":
        raise WrongState(charge, needs="requires_action")
    if approved:
        return replace(charge, state="authorized", settles_at=None, version=charge.version + 1)
    reason: DeclineReason = "authentication_failed"
    return replace(charge, state="declined", reason=reason, settles_at=None, version=charge.version + 1)


def capture(charge: Charge, amount_minor: int) -> Charge:
    """Once, whole or in part; the rest is released. Raises `WrongState`, `AmountTooLarge`."""
    if charge.state != "authorized":
        raise WrongState(charge, needs="authorized")
    if amount_minor > charge.amount_minor:
        raise AmountTooLarge(most_minor=charge.amount_minor)
    return replace(charge, state="captured", captured_minor=amount_minor, version=charge.version + 1)


def void(charge: Charge) -> Charge:
    """Release what is not captured. Raises `WrongState`."""
    if charge.state not in {"authorized", "requires_action"}:
        raise WrongState(charge, needs="authorized")
    return replace(charge, state="voided", settles_at=None, version=charge.version + 1)


def refund(charge: Charge, scenario: Scenario, *, wanted: Refund) -> tuple[Charge, Refund]:
    """At most what `take_from` leaves. Raises `WrongState`, `AmountTooLarge`."""
    take_from(charge, wanted.amount_minor)
    refunded_minor = charge.refunded_minor + wanted.amount_minor
    if scenario.refund != "succeeded":
        wanted = replace(wanted, state="pending", settles_at=wanted.created_at + SETTLES_AFTER)
    return replace(charge, refunded_minor=refunded_minor, version=charge.version + 1), wanted


def take_from(charge: Charge, amount_minor: int) -> None:
    """What is captured can be given back or disputed once. Raises `WrongState`, `AmountTooLarge`."""
    if charge.state != "captured":
        raise WrongState(charge, needs="captured")
    left_minor = charge.captured_minor - charge.refunded_minor - charge.disputed_minor
    if amount_minor > left_minor:
        raise AmountTooLarge(most_minor=left_minor)


def settle(charge: Charge, pending: Refund, scenario: Scenario) -> tuple[Charge, Refund]:
    """How a pending refund ends; a failed one gives the amount back to the shop."""
    if scenario.refund == "failed":
        refunded_minor = charge.refunded_minor - pending.amount_minor
        return (
            replace(charge, refunded_minor=refunded_minor, version=charge.version + 1),
            replace(pending, state="failed", settles_at=None),
        )
    return replace(charge, version=charge.version + 1), replace(pending, state="succeeded", settles_at=None)
