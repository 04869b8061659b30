"""What orders reads from the environment."""

from typing import Annotated, Literal

from msgspec import Meta

from services.chassis.settings import ServiceSettings

BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
Minor = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=60)]


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """The marketplace's conditions, and which payment provider moves its money."""

    payment_provider: Literal["sandbox", "stripe"] = "sandbox"
    """Its own settings below must be given."""
    sandbox_url: str | None = None
    """Where the sandbox provider is: `http://sandbox:8000`."""
    sandbox_api_key: str | None = None
    sandbox_webhook_secret: str | None = None
    stripe_api_key: str | None = None
    stripe_webhook_secret: str | None = None
    stripe_return_url: str | None = None
    """Where a buyer comes back to after confirming with their bank."""
    payment_timeout_s: Seconds = 5.0
    """How long one ask of the provider may take."""
    checkout_timeout_s: Seconds = 12.0
    """How long a checkout is driven while its buyer waits; after that the answer is 202."""
    commission_bp: BasisPoints = 1000
    shipping_minor: Minor = 490
    """What one seller's parcel costs the buyer."""
    free_shipping_from_minor: Minor = 10_000
    payout_from_minor: Minor = 1_000
    """Smaller balances wait."""
