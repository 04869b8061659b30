"""What auth needs to know beyond what every service does."""

from typing import Annotated

from msgspec import Meta

from services.chassis.settings import ServiceSettings

Positive = Annotated[int, Meta(ge=1)]


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Read from `SOUK_*` variables."""

    data_key: Annotated[str, Meta(min_length=32, max_length=255)]
    """Random text of 32 characters or more, to be kept as long as the database: it seals the secrets of authenticators,
    and without it the audit chain cannot be checked.
    """
    mail_url: str
    """`smtp://user:password@host:587`, or `sqlite:///path`: mail is captured there and shown on a page."""
    mail_from: str = "Souk <no-reply@souk.example>"
    site_url: str = "http://127.0.0.1:8000"
    """Where links in mails lead."""
    staff_email: str | None = None
    """With `staff_password`: a first member of staff, made at start if there is no such account."""
    staff_password: str | None = None
    login_tries_per_account: Positive = 10
    """From one address within 10 minutes; three times as many within a day."""
    login_tries_per_address: Positive = 100
    """For all accounts within 10 minutes; ten times as many within a day."""
    mails_per_account: Positive = 5
    """That anyone can cause within an hour."""
    mails_per_address: Positive = 60
    """That one address can cause within an hour."""
