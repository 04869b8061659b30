"""What users needs to know beyond what every service does."""

from services.chassis.settings import ServiceSettings
from services.contracts.money import Currency


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Read from `SOUK_*` variables."""

    default_locale: str = "en"
    default_currency: Currency = "EUR"
    """What a profile says before its owner has chosen."""
