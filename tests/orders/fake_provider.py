"""A payment provider with honest books, that declines, asks for action, falls silent and tells things when told to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from services.chassis.clock import Clock
from services.contracts.money import Money
from services.orders.payments.port import (
    Ask,
    Authorize,
    Authorized,
    AuthorizeOutcome,
    Capture,
    Captured,
    Declined,
    Outcome,
    ProviderEvent,
    ProviderRefused,
    ProviderTimeout,
    Refund,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundPending,
    RequiresAction,
    Void,
    Voided,
    WebhookMalformed,
    WebhookRefused,
)

ChargeState = Literal["requires_action", "authorized", "captured", "voided", "declined"]
SIGNATURE = "signature"
GOOD = "good"


class BookedCharge(Struct, kw_only=True):
    id: str
    key: str
    reference: str
    amount: Money
    state: ChargeState
    captured_minor: int = 0
    refunded_minor: int = 0
    captures: int = 0


class BookedRefund(Struct, kw_only=True):
    id: str
    key: str
    charge_id: str
    amount: Money
    state: Literal["pending", "succeeded", "failed"]


class FakeProvider:
    """Methods: `tok_ok`, `tok_declined`, `tok_action`. `refunds_end` says how refunds answer.

    `silences`, spent one by one: `("capture", "before")` loses the next such ask, `("capture", "after")` its answer.
    """

    name = "fake"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.charges: dict[str, BookedCharge] = {}
        self.refunds: dict[str, BookedRefund] = {}
        self.silences: list[tuple[str, str]] = []
        self.refunds_end: Literal["pending", "succeeded", "failed"] = "succeeded"
        self.events: list[ProviderEvent] = []
        self.asked: list[str] = []
        self._numbers = iter(range(1, 1_000_000))

    async def authorize(self, ask: Authorize) -> AuthorizeOutcome:
        self._begin("authorize")
        charge = self._by_key(ask.key)
        if charge is None:
            states: dict[str, ChargeState] = {"tok_declined": "declined", "tok_action": "requires_action"}
            charge = BookedCharge(
                id=f"ch_{next(self._numbers)}",
                key=ask.key,
                reference=ask.reference,
                amount=ask.amount,
                state=states.get(ask.method, "authorized"),
            )
            self.charges[charge.id] = charge
            self._tell(charge)
        self._may_lose("authorize", "after")
        return _authorized(charge)

    async def capture(self, ask: Capture) -> Captured:
        self._begin("capture")
        charge = self.charges[ask.charge_id]
        if charge.state not in {"authorized", "captured"}:
            raise ProviderRefused(f"the charge is {charge.state}", reason="charge_wrong_state")
        if charge.state == "authorized":
            charge.state = "captured"
            charge.captured_minor = ask.amount.minor
            charge.captures += 1
            self._tell(charge)
        self._may_lose("capture", "after")
        return _captured(charge)

    async def void(self, ask: Void) -> Voided:
        self._begin("void")
        charge = self.charges[ask.charge_id]
        if charge.state in {"captured", "declined"}:
            raise ProviderRefused(f"the charge is {charge.state}", reason="charge_wrong_state")
        if charge.state != "voided":
            charge.state = "voided"
            self._tell(charge)
        self._may_lose("void", "after")
        return Voided(charge_id=charge.id)

    async def refund(self, ask: Refund) -> RefundOutcome:
        self._begin("refund")
        booked = self.refunds.get(ask.key)
        if booked is None:
            charge = self.charges[ask.charge_id]
            if charge.captured_minor - charge.refunded_minor < ask.amount.minor:
                raise ProviderRefused("more than is left", reason="amount_too_large")
            booked = BookedRefund(
                id=f"re_{next(self._numbers)}",
                key=ask.key,
                charge_id=charge.id,
                amount=ask.amount,
                state=self.refunds_end,
            )
            self.refunds[ask.key] = booked
            if booked.state == "succeeded":
                charge.refunded_minor += ask.amount.minor
        self._may_lose("refund", "after")
        return _refunded(booked)

    async def find(self, ask: Ask) -> Outcome | None:
        self._begin("find")
        match ask:
            case Authorize():
                charge = self._by_key(ask.key)
                if charge is None:
                    return None
                return Voided(charge_id=charge.id) if charge.state == "voided" else _authorized(charge)
            case Capture():
                charge = self.charges[ask.charge_id]
                return _captured(charge) if charge.state == "captured" else None
            case Void():
                voided = self.charges[ask.charge_id].state == "voided"
                return Voided(charge_id=ask.charge_id) if voided else None
            case Refund():
                booked = self.refunds.get(ask.key)
                return None if booked is None else _refunded(booked)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        if headers.get(SIGNATURE) != GOOD:
            raise WebhookRefused("the signature is wrong")
        try:
            return msgspec.json.decode(body, type=ProviderEvent)
        except msgspec.DecodeError as unreadable:
            raise WebhookMalformed("not an event") from unreadable

    async def close(self) -> None: ...

    def approve(self, charge: BookedCharge) -> ProviderEvent:
        """The buyer confirmed with their bank."""
        charge.state = "authorized"
        return self._tell(charge)

    def capture_behind_our_back(self, charge: BookedCharge) -> ProviderEvent:
        charge.state = "captured"
        charge.captured_minor = charge.amount.minor
        charge.captures += 1
        return self._tell(charge)

    def end_refund(self, booked: BookedRefund, state: Literal["succeeded", "failed"]) -> ProviderEvent:
        booked.state = state
        if state == "succeeded":
            self.charges[booked.charge_id].refunded_minor += booked.amount.minor
        return self._event(booked.key, _refunded(booked), None)

    @property
    def kept_minor(self) -> int:
        """What lies here of the shop's money."""
        return sum(charge.captured_minor - charge.refunded_minor for charge in self.charges.values())

    @property
    def reserved(self) -> list[BookedCharge]:
        """Charges that still lock buyers' money."""
        return [charge for charge in self.charges.values() if charge.state in {"authorized", "requires_action"}]

    def _tell(self, charge: BookedCharge) -> ProviderEvent:
        outcomes: dict[ChargeState, Outcome] = {
            "captured": _captured(charge),
            "voided": Voided(charge_id=charge.id),
        }
        outcome = outcomes.get(charge.state) or _authorized(charge)
        return self._event(charge.key, outcome, charge.reference)

    def _event(self, key: str, outcome: Outcome, reference: str | None) -> ProviderEvent:
        now: datetime = self._clock()
        event_id = f"ev_{next(self._numbers)}"
        event = ProviderEvent(event_id=event_id, occurred_at=now, outcome=outcome, key=key, reference=reference)
        self.events.append(event)
        return event

    def _by_key(self, key: str) -> BookedCharge | None:
        return next((charge for charge in self.charges.values() if charge.key == key), None)

    def _begin(self, ask: str) -> None:
        self.asked.append(ask)
        self._may_lose(ask, "before")

    def _may_lose(self, ask: str, when: str) -> None:
        if (ask, when) in self.silences:
            self.silences.remove((ask, when))
            raise ProviderTimeout(f"no answer: lost {when} it was done", maybe_applied=when == "after")


def _authorized(charge: BookedCharge) -> AuthorizeOutcome:
    if charge.state == "declined":
        return Declined(charge_id=charge.id, reason="insufficient_funds")
    if charge.state == "requires_action":
        return RequiresAction(charge_id=charge.id, action_url=f"https://bank.example/{charge.id}")
    return Authorized(charge_id=charge.id)


def _captured(charge: BookedCharge) -> Captured:
    return Captured(charge_id=charge.id, amount=Money(minor=charge.captured_minor, currency=charge.amount.currency))


def _refunded(booked: BookedRefund) -> RefundOutcome:
    match booked.state:
        case "succeeded":
            return Refunded(charge_id=booked.charge_id, refund_id=booked.id, amount=booked.amount)
        case "failed":
            return RefundFailed(charge_id=booked.charge_id, refund_id=booked.id, amount=booked.amount)
        case "pending":
            return RefundPending(charge_id=booked.charge_id, refund_id=booked.id, amount=booked.amount)
