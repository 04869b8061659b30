"""Mail by SMTP: one connection a mail, encrypted wherever a password goes over it."""

import re
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import aiosmtplib
from msgspec import Struct

from services.chassis.clock import Clock
from services.chassis.mail.port import Mail, MailNotTaken

TIMEOUT_S = 10.0
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9]+")


class SmtpServer(Struct, frozen=True, kw_only=True):
    """The next hop."""

    host: str
    port: int
    encrypted: bool = False
    """TLS from the first byte; else STARTTLS, where the server offers it or a password makes it a must."""
    user: str | None = None
    password: str | None = None
    timeout_s: float = TIMEOUT_S
    """For a connection and for each answer."""


class SmtpMailer:
    """`Mailer` to one server. `sender` is `Name <address>`; `tls` replaces the system's trusted authorities."""

    def __init__(self, server: SmtpServer, *, sender: str, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        self._tls = tls

    async def send(self, mail: Mail) -> None:
        """As `Mailer`."""
        server = self._server
        if not is_address(mail.to):
            raise MailNotTaken("the address is not one that mail can be sent to")
        message = compose(mail, sender=self._sender, now=self._clock())
        try:
            await aiosmtplib.send(
                message,
                sender=parseaddr(self._sender)[1],
                recipients=[mail.to],
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.encrypted,
                start_tls=None if server.user is None and not server.encrypted else not server.encrypted,
                tls_context=self._tls,
                # Otherwise the name of this machine is looked up, which may take longer than the mail.
                local_hostname=_domain(self._sender),
                timeout=server.timeout_s,
            )
        except (aiosmtplib.SMTPException, OSError) as failed:
            raise MailNotTaken(f"{server.host} has not taken the mail: {failed}") from failed


def is_address(text: str) -> bool:
    """Whether it can stand in an envelope as it is: one address in ASCII, without quotes or comments."""
    return _ADDRESS.fullmatch(text) is not None


def compose(mail: Mail, *, sender: str, now: datetime) -> EmailMessage:
    """What goes over the line. No text of a mail can add a header or a recipient to it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{_NOT_OF_AN_ID.sub('-', mail.message_id) or '-'}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body.encode("utf-8", "replace").decode())
    return message


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _one_line(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()
