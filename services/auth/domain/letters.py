"""The mails auth sends: when they are tried again, and what they say. They carry the link, never the person."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

TRIES_MOST = 8


class Kind(StrEnum):
    """Why someone gets a mail."""

    VERIFY = "verify"
    ALREADY_REGISTERED = "already_registered"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a kind of mail.
    INVITED = "invited"


class Purpose(StrEnum):
    """What a token from a mail can do."""

    VERIFY = "verify"
    RESET = "reset"


class Letter(Struct, frozen=True, kw_only=True):
    """A mail that is owed. Whether the address has an account is looked up when it is written."""

    id: UUID
    kind: Kind
    email: str
    email_key: str
    due_at: datetime
    attempts: int = 0


class Text(Struct, frozen=True, kw_only=True):
    """A mail's words."""

    subject: str
    body: str


TTL = {Purpose.VERIFY: timedelta(days=1), Purpose.RESET: timedelta(hours=1)}

_PURPOSES = {Kind.VERIFY: Purpose.VERIFY, Kind.RESET: Purpose.RESET, Kind.INVITED: Purpose.RESET}

_TEXTS = {
    Kind.VERIFY: Text(
        subject="Verify your mail address",
        body="Welcome to Souk.\n\nOpen this link within a day to verify that this address is yours:\n\n{link}\n\n"
        "If you have not registered, ignore this mail: nothing will happen.\n",
    ),
    Kind.ALREADY_REGISTERED: Text(
        subject="You already have an account",
        body="Someone, most likely you, tried to register at Souk with this address, but you have an account.\n\n"
        "Log in with it, or choose a new password if you have forgotten yours.\n",
    ),
    Kind.RESET: Text(
        subject="Choose a new password",
        body="Open this link within an hour to choose a new password for Souk:\n\n{link}\n\n"
        "If you have not asked for it, ignore this mail: your password stays as it is.\n",
    ),
    Kind.PASSWORD_CHANGED: Text(
        subject="Your password was changed",
        body="The password of your account at Souk was changed, and your other sessions were ended.\n\n"
        "If that was not you, choose a new password at once.\n",
    ),
    Kind.INVITED: Text(
        subject="You have an account at Souk",
        body="An account at Souk was made for you. Open this link within an hour to choose your password:\n\n{link}\n\n"
        "Later, ask for a new password to get a fresh link.\n",
    ),
}


def purpose_of(kind: Kind) -> Purpose | None:
    """What the link in such a mail is for; None: it has none."""
    return _PURPOSES.get(kind)


def write(kind: Kind, *, site_url: str, token: str | None) -> Text:
    """The mail. `token` is given exactly for kinds that have a purpose."""
    purpose = purpose_of(kind)
    link = "" if purpose is None else f"{site_url.rstrip('/')}/{purpose}?token={token}"
    text = _TEXTS[kind]
    return Text(subject=text.subject, body=text.body.format(link=link))


def next_try(attempts: int, *, now: datetime) -> datetime | None:
    """When to try again after so many failures; None: give up."""
    return None if attempts >= TRIES_MOST else now + timedelta(seconds=5 * 4 ** (attempts - 1))
