"""Stripe, through its own library: payment intents that are captured by hand. What it says is read in `stripe_told`."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
import stripe
from stripe.params import PaymentIntentCreateParams

from services.orders.payments.port import (
    Ask,
    Authorize,
    AuthorizeOutcome,
    Capture,
    Captured,
    Declined,
    Outcome,
    ProviderEvent,
    ProviderFailed,
    Refund,
    RefundOutcome,
    Void,
    Voided,
    WebhookRefused,
)
from services.orders.payments.signature import TOLERANCE_S
from services.orders.payments.stripe_told import (
    KEY,
    REFERENCE,
    ErrorTold,
    IntentTold,
    RefundTold,
    failures_told_apart,
    read_event,
    to_authorize_outcome,
    to_captured,
    to_found,
    to_reason,
    to_refund_outcome,
)
from services.orders.payments.stripe_transport import StripeTransport

SIGNATURE_HEADER = "stripe-signature"
API_BASE = "https://api.stripe.com"
PAGE = 100
SEARCHED_MOST = 2000
CLOCK_SKEW_S = 60


Told = TypeVar("Told", IntentTold, RefundTold)


class StripeProvider:
    """A `PaymentProvider`. The library retries nothing: a repeated ask is the caller's decision, under the same key."""

    name = "stripe"

    def __init__(
        self,
        *,
        api_key: str,
        webhook_secret: str,
        return_url: str | None = None,
        timeout_s: float = 10.0,
        api_base: str = API_BASE,
    ) -> None:
        """`return_url` is where a buyer comes back to after confirming with their bank."""
        self._webhook_secret = webhook_secret
        self._return_url = return_url
        self._transport = StripeTransport(timeout_s=timeout_s)
        self._stripe = stripe.StripeClient(
            api_key, http_client=self._transport, base_addresses={"api": api_base}, max_network_retries=0
        )

    async def authorize(self, ask: Authorize) -> AuthorizeOutcome:
        """See `PaymentProvider`."""
        with failures_told_apart():
            try:
                intent = await self._stripe.v1.payment_intents.create_async(
                    self._intent_for(ask), {"idempotency_key": ask.key}
                )
            except stripe.CardError as declined:
                return _declined(declined)
            except stripe.InvalidRequestError as refused:
                if refused.code == "resource_missing" and refused.param == "payment_method":
                    return Declined(charge_id=None, reason="unknown_method")
                raise
        return to_authorize_outcome(_told(intent, IntentTold))

    def _intent_for(self, ask: Authorize) -> PaymentIntentCreateParams:
        wanted: PaymentIntentCreateParams = {
            "amount": ask.amount.minor,
            "currency": ask.amount.currency.lower(),
            "payment_method": ask.method,
            "allowed_payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "metadata": {KEY: ask.key, REFERENCE: ask.reference},
        }
        if self._return_url is not None:
            wanted["return_url"] = self._return_url
        return wanted

    async def capture(self, ask: Capture) -> Captured:
        """See `PaymentProvider`."""
        with failures_told_apart():
            intent = await self._stripe.v1.payment_intents.capture_async(
                ask.charge_id, {"amount_to_capture": ask.amount.minor}, {"idempotency_key": ask.key}
            )
        return to_captured(_told(intent, IntentTold))

    async def void(self, ask: Void) -> Voided:
        """See `PaymentProvider`."""
        with failures_told_apart():
            intent = await self._stripe.v1.payment_intents.cancel_async(
                ask.charge_id, options={"idempotency_key": ask.key}
            )
        return Voided(charge_id=intent.id)

    async def refund(self, ask: Refund) -> RefundOutcome:
        """See `PaymentProvider`."""
        with failures_told_apart():
            refund = await self._stripe.v1.refunds.create_async(
                {"payment_intent": ask.charge_id, "amount": ask.amount.minor, "metadata": {KEY: ask.key}},
                {"idempotency_key": ask.key},
            )
        return to_refund_outcome(_told(refund, RefundTold))

    async def find(self, ask: Ask) -> Outcome | None:
        """See `PaymentProvider`."""
        with failures_told_apart():
            match ask:
                case Authorize():
                    return await self._find_authorized(ask)
                case Capture():
                    intent = await self._intent(ask.charge_id)
                    return to_captured(intent) if intent.status == "succeeded" else None
                case Void():
                    intent = await self._intent(ask.charge_id)
                    return Voided(charge_id=intent.id) if intent.status == "canceled" else None
                case Refund():
                    return await self._find_refunded(ask)

    async def _intent(self, charge_id: str) -> IntentTold:
        return _told(await self._stripe.v1.payment_intents.retrieve_async(charge_id), IntentTold)

    async def _find_authorized(self, ask: Authorize) -> Outcome | None:
        since = int(ask.asked_at.timestamp()) - CLOCK_SKEW_S
        page = await self._stripe.v1.payment_intents.list_async({"created": {"gte": since}, "limit": PAGE})
        searched = 0
        async for intent in page.auto_paging_iter():
            told = _told(intent, IntentTold)
            if told.metadata.get(KEY) == ask.key:
                return to_found(told)
            searched += 1
            if searched == SEARCHED_MOST:
                raise ProviderFailed(f"the key is not among the last {searched} payment intents", maybe_applied=True)
        return None

    async def _find_refunded(self, ask: Refund) -> Outcome | None:
        page = await self._stripe.v1.refunds.list_async({"payment_intent": ask.charge_id, "limit": PAGE})
        async for refund in page.auto_paging_iter():
            told = _told(refund, RefundTold)
            if (told.metadata or {}).get(KEY) == ask.key:
                return to_refund_outcome(told)
        return None

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """See `PaymentProvider`."""
        header = headers.get(SIGNATURE_HEADER, "")
        # The library compares text, and raises TypeError for text that is not ASCII.
        if not header.isascii():
            raise WebhookRefused("the webhook has no signature that can be read")
        try:
            stripe.WebhookSignature.verify_header(body, header, self._webhook_secret, TOLERANCE_S)
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as refused:
            raise WebhookRefused("the webhook's signature is missing, wrong or too old") from refused
        return read_event(body)

    async def close(self) -> None:
        """See `PaymentProvider`."""
        await self._transport.aclose()


def _told(answer: stripe.PaymentIntent | stripe.Refund, told: type[Told]) -> Told:
    try:
        return msgspec.convert(answer.to_dict(), told)
    except msgspec.ValidationError as unreadable:
        raise ProviderFailed(f"Stripe's answer cannot be read: {unreadable}", maybe_applied=True) from unreadable


def _declined(error: stripe.CardError) -> Declined:
    told = ErrorTold(code=error.code, decline_code=None if error.error is None else error.error.decline_code)
    intent = None if error.error is None else error.error.payment_intent
    return Declined(charge_id=None if intent is None else intent.id, reason=to_reason(told))
