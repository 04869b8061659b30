"""What Souk asks of a company that moves money, whichever company it is: four asks, their outcomes, and its news.

Every ask carries an idempotency key that was stored before the call, so that one whose answer never came is looked
up with `find`, or repeated with the same key; a new key would be a second charge. No card data passes here: a payment
method is a token that the provider gave to the buyer's browser.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from services.chassis.errors import Conflict, Malformed, Unavailable, Unproven
from services.contracts.money import Money

DeclineReason = Literal["declined", "insufficient_funds", "expired_method", "authentication_failed", "unknown_method"]


class Authorize(Struct, frozen=True, kw_only=True):
    """Reserve an amount on the buyer's payment method."""

    key: str
    amount: Money
    method: str
    """The provider's token for the payment method."""
    reference: str
    """What the provider's books call the purchase: the id of the order group."""
    asked_at: datetime
    """When the key was stored, before the first call; bounds the search at providers that cannot look a key up."""


class Capture(Struct, frozen=True, kw_only=True):
    """Take what was authorised, or less; the rest is released. A charge is captured once."""

    key: str
    charge_id: str
    amount: Money


class Void(Struct, frozen=True, kw_only=True):
    """Release what was authorised and not captured."""

    key: str
    charge_id: str


class Refund(Struct, frozen=True, kw_only=True):
    """Give back some of what was captured."""

    key: str
    charge_id: str
    amount: Money


Ask = Authorize | Capture | Void | Refund


class Authorized(Struct, frozen=True, kw_only=True, tag=True):
    """The amount is reserved."""

    charge_id: str


class Declined(Struct, frozen=True, kw_only=True, tag=True):
    """The payment method was refused for good; another one needs another key."""

    charge_id: str | None
    reason: DeclineReason


class RequiresAction(Struct, frozen=True, kw_only=True, tag=True):
    """The buyer must confirm with their bank; a later event, or `find`, tells how it ended."""

    charge_id: str
    action_url: str | None
    """Where the buyer confirms; None when the provider reaches the buyer by itself."""


class Captured(Struct, frozen=True, kw_only=True, tag=True):
    """The money was taken."""

    charge_id: str
    amount: Money


class Voided(Struct, frozen=True, kw_only=True, tag=True):
    """Nothing is reserved and nothing was taken."""

    charge_id: str


class Refunded(Struct, frozen=True, kw_only=True, tag=True):
    """The money is on its way back for good."""

    charge_id: str
    refund_id: str
    amount: Money


class RefundPending(Struct, frozen=True, kw_only=True, tag=True):
    """The refund was accepted; a later event, or `find`, tells how it ended."""

    charge_id: str
    refund_id: str
    amount: Money


class RefundFailed(Struct, frozen=True, kw_only=True, tag=True):
    """The buyer's bank did not take the money back; the captured amount is whole again."""

    charge_id: str
    refund_id: str
    amount: Money


AuthorizeOutcome = Authorized | Declined | RequiresAction
RefundOutcome = Refunded | RefundPending | RefundFailed
Outcome = AuthorizeOutcome | Captured | Voided | RefundOutcome


class Disputed(Struct, frozen=True, kw_only=True, tag=True):
    """The buyer's bank asks for money back."""

    charge_id: str
    dispute_id: str
    amount: Money
    reason: str
    kept: bool | None = None
    """The bank's decision: the shop keeps the money, or has lost it. None: there is none yet."""


class ProviderEvent(Struct, frozen=True, kw_only=True):
    """News from the provider. It comes at least once, in no order, and may be older than what is known already."""

    event_id: str
    """The provider's own, the same each time the event is sent."""
    occurred_at: datetime
    outcome: Outcome | Disputed | None
    """None for news that concerns no ask of ours; to be acknowledged and dropped."""
    key: str | None = None
    """Of the ask that made the charge, or of the one that made the refund if this is about a refund."""
    reference: str | None = None


class ProviderFailed(Unavailable):
    """The provider gave no usable answer. `maybe_applied` is False only when it surely did not act on the ask."""

    code = "payment_provider_failed"
    title = "The payment provider does not answer"

    def __init__(self, detail: str, *, maybe_applied: bool) -> None:
        super().__init__(detail)
        self.maybe_applied = maybe_applied


class ProviderTimeout(ProviderFailed):
    """No answer within the time allowed."""

    code = "payment_provider_timeout"


class ProviderRefused(Conflict):
    """The provider understood the ask and will never do it: the charge's state or the amount forbids it."""

    code = "payment_refused"
    title = "The payment provider refused"

    def __init__(self, detail: str, *, reason: str) -> None:
        """`reason` is the provider's own code."""
        super().__init__(detail, reason=reason)
        self.reason = reason


class KeyReused(ProviderRefused):
    """The key was used before, for another ask."""

    code = "payment_key_reused"


class WebhookRefused(Unproven):
    """The signature is missing, wrong or too old."""

    code = "webhook_refused"
    title = "Webhook signature refused"


class WebhookMalformed(Malformed):
    """The signature is right, but the body is not an event of this provider."""

    code = "webhook_malformed"
    title = "Webhook not understood"


class PaymentProvider(Protocol):
    """One provider. The four asks and `find` raise `ProviderFailed`; the asks also raise `ProviderRefused`."""

    @property
    def name(self) -> str:
        """How charges remember whose they are."""

    async def authorize(self, ask: Authorize) -> AuthorizeOutcome:
        """Idempotent by key, as the other three."""

    async def capture(self, ask: Capture) -> Captured:
        """Of an authorised charge."""

    async def void(self, ask: Void) -> Voided:
        """Of a charge that is not captured."""

    async def refund(self, ask: Refund) -> RefundOutcome:
        """Of a captured charge, at most what is left of it."""

    async def find(self, ask: Ask) -> Outcome | None:
        """What has become of an ask by now; None: nothing so far.

        An ask still on its way may yet take effect after None, so the only safe next step is the same ask again.
        """

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """`headers` have lower-case names. Raises `WebhookRefused`, `WebhookMalformed`."""

    async def close(self) -> None:
        """Close connections."""
