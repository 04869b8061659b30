"""Mail out, and where it is captured when embedded."""

from typing import Protocol

from msgspec import Struct


class Mail(Struct, frozen=True, kw_only=True):
    """One plain-text mail to one address."""

    message_id: str
    """Stable per mail, so that a second try is not a second mail for a reader that drops duplicates."""
    to: str
    subject: str
    body: str


class Mailer(Protocol):
    """Hands mail to whatever delivers it."""

    async def send(self, mail: Mail) -> None:
        """Returns when the next hop has taken it; raises `chassis.errors.Unavailable` when it has not."""
