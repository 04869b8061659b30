"""What a mail is, and what a mailer promises."""

from typing import Protocol

from msgspec import Struct

from services.chassis.errors import Unavailable


class MailNotTaken(Unavailable):
    """The next hop has not taken the mail; whether it refused or did not answer, it may take it later."""

    code = "mail_not_taken"
    title = "The mail could not be sent"


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
        """Returns when the next hop has taken it; raises `MailNotTaken` when it has not."""
