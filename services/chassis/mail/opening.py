"""From an address in the settings to a mailer."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from services.chassis.clock import Clock, utc_now
from services.chassis.mail.captured import CapturedMailer
from services.chassis.mail.port import Mailer
from services.chassis.mail.smtp import SmtpMailer, SmtpServer

_PORTS = {"smtp": 587, "smtps": 465}


def open_mailer(url: str, *, sender: str, clock: Clock = utc_now) -> Mailer:
    """Nothing connects yet. Raises ValueError for an address of no known kind.

    `smtp://user:password@host:587` starts TLS before it logs in, `smtps://…` speaks TLS from the first byte, and
    `sqlite:///path` captures.
    """
    address = urlsplit(url)
    if address.scheme == "sqlite" and len(address.path) > 1:
        return CapturedMailer(Path(unquote(address.path[1:])), clock=clock)
    return SmtpMailer(read_server(url), sender=sender, clock=clock)


def read_server(url: str) -> SmtpServer:
    """Raises ValueError."""
    address = urlsplit(url)
    if address.scheme not in _PORTS or not address.hostname:
        raise ValueError("a mail address begins with smtp://host, smtps://host or sqlite:///path")
    return SmtpServer(
        host=address.hostname,
        port=address.port or _PORTS[address.scheme],
        encrypted=address.scheme == "smtps",
        user=None if address.username is None else unquote(address.username),
        password=None if address.password is None else unquote(address.password),
    )
