"""Asking the payment provider, and reading its answers as what is known of a charge."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from services.chassis.errors import Unavailable
from services.contracts.money import Money
from services.orders.actions.fail_points import FailPoint, Fails
from services.orders.domain.charges import Charge, capture_key, learn, refund_key, void_key
from services.orders.domain.checkouts import Checkout
from services.orders.domain.refunds import Refund as RefundRow
from services.orders.payments.port import (
    Authorize,
    Authorized,
    Capture,
    Captured,
    Declined,
    Outcome,
    PaymentProvider,
    ProviderRefused,
    Refund,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundPending,
    RequiresAction,
    Void,
    Voided,
)

STILL_ON_ITS_WAY: Final = timedelta(minutes=5)
"""So long after it was made, an ask that the provider does not know has been lost for good."""


class RefundUnderWay(Unavailable):
    """The provider has accepted a refund and not told yet how it ended."""

    code = "refund_under_way"
    title = "Refund under way"


def news_of(charge: Charge, outcome: Outcome) -> Charge:
    """The charge after the provider said this; `charge` itself when that is nothing new, or concerns a refund."""
    match outcome:
        case Authorized(charge_id=name):
            return learn(charge, replace(charge, state="authorized", provider_id=name, action_url=None))
        case RequiresAction(charge_id=name, action_url=url):
            return learn(charge, replace(charge, state="requires_action", provider_id=name, action_url=url))
        case Declined(charge_id=name, reason=reason):
            return learn(charge, replace(charge, state="declined", provider_id=name, decline_reason=reason))
        case Voided(charge_id=name):
            return learn(charge, replace(charge, state="voided", provider_id=name, action_url=None))
        case Captured(charge_id=name, amount=amount):
            return learn(charge, replace(charge, state="captured", provider_id=name, captured_minor=amount.minor))
        case Refunded() | RefundPending() | RefundFailed():
            return charge


class Till:
    """The provider, asked under stored keys only."""

    def __init__(self, provider: PaymentProvider, *, fails: Fails) -> None:
        self.provider = provider
        self._fails = fails

    async def authorize(self, checkout: Checkout, *, again: bool) -> Charge:
        """Reserve the total. `again`: it may have been asked before, so the answer is looked up first."""
        ask = _authorize(checkout)
        self._fails(FailPoint.BEFORE_AUTHORIZE)
        outcome = await self.provider.find(ask) if again else None
        if outcome is None:
            outcome = await _or_declined(self.provider.authorize(ask))
        self._fails(FailPoint.AFTER_AUTHORIZE)
        return news_of(checkout.charge, outcome)

    async def look_up(self, checkout: Checkout, now: datetime) -> Charge:
        """What became of an authorisation that may have been asked for; at the end it is known for sure."""
        outcome = await self.provider.find(_authorize(checkout))
        if outcome is not None:
            return news_of(checkout.charge, outcome)
        if now - checkout.charge.asked_at > STILL_ON_ITS_WAY:
            return replace(checkout.charge, state="voided")
        return await self.authorize(checkout, again=False)

    async def capture(self, checkout: Checkout) -> Charge:
        """Take the total. Raises `ProviderRefused` when it was not, and will not be, captured."""
        charge = checkout.charge
        amount = Money(minor=checkout.total_minor, currency=checkout.currency)
        ask = Capture(key=capture_key(charge), charge_id=charge.provider_id or "", amount=amount)
        self._fails(FailPoint.BEFORE_CAPTURE)
        outcome = await self.provider.capture(ask)
        self._fails(FailPoint.AFTER_CAPTURE)
        return news_of(charge, outcome)

    async def void(self, checkout: Checkout) -> Charge:
        """Release what is reserved; if it was captured after all, the charge says so. Raises `ProviderRefused`."""
        charge = checkout.charge
        name = charge.provider_id or ""
        self._fails(FailPoint.BEFORE_VOID)
        try:
            outcome: Outcome = await self.provider.void(Void(key=void_key(charge), charge_id=name))
        except ProviderRefused:
            amount = Money(minor=checkout.total_minor, currency=checkout.currency)
            captured = await self.provider.find(Capture(key=capture_key(charge), charge_id=name, amount=amount))
            if captured is None:
                raise
            outcome = captured
        self._fails(FailPoint.AFTER_VOID)
        return news_of(charge, outcome)

    async def return_all(self, checkout: Checkout) -> Charge:
        """Give back everything that was captured. Raises `RefundUnderWay`, `ProviderRefused`."""
        charge = checkout.charge
        amount = Money(minor=charge.captured_minor, currency=checkout.currency)
        outcome = await self._refund(Refund(key=refund_key(charge), charge_id=charge.provider_id or "", amount=amount))
        match outcome:
            case Refunded():
                return replace(charge, refunded_minor=charge.captured_minor)
            case RefundPending():
                raise RefundUnderWay("the provider has not said yet how the refund ended")
            case RefundFailed():
                raise ProviderRefused("the buyer's bank did not take the money back", reason="refund_failed")

    async def refund(self, refund: RefundRow, charge: Charge) -> RefundOutcome:
        """Give back some. Raises `ProviderRefused`."""
        amount = Money(minor=refund.amount_minor, currency=refund.currency)
        return await self._refund(Refund(key=str(refund.id), charge_id=charge.provider_id or "", amount=amount))

    async def _refund(self, ask: Refund) -> RefundOutcome:
        self._fails(FailPoint.BEFORE_REFUND)
        found = await self.provider.find(ask)
        outcome = found if isinstance(found, RefundOutcome) else await self.provider.refund(ask)
        self._fails(FailPoint.AFTER_REFUND)
        return outcome


def _authorize(checkout: Checkout) -> Authorize:
    charge = checkout.charge
    return Authorize(
        key=str(charge.id),
        amount=Money(minor=checkout.total_minor, currency=checkout.currency),
        method=charge.method,
        reference=str(checkout.id),
        asked_at=charge.asked_at,
    )


async def _or_declined(asked: Awaitable[Outcome]) -> Outcome:
    """An authorisation that the provider will never make is a decline, whatever the reason."""
    try:
        return await asked
    except ProviderRefused:
        return Declined(charge_id=None, reason="declined")
