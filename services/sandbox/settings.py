"""What the provider needs to know: its own key, and where the shop takes webhooks."""

from typing import Annotated

from msgspec import Meta

from services.chassis.settings import ServiceSettings

Secret = Annotated[str, Meta(min_length=16, max_length=255)]


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Read from `SOUK_*` variables."""

    api_key: Secret
    """Whoever holds it may charge."""
    webhook_url: str
    """Where news is sent: `http://gateway:8000/api/v1/payments/webhooks/sandbox`."""
    webhook_secret: Secret
    """Signs the news."""
