"""Mail addresses: how they are written, and when two of them are the same. Whether anyone reads them, mail tells."""

import re
import unicodedata

from msgspec import Struct

from services.chassis.errors import Invalid

LOCAL_MOST = 64
LENGTH_MOST = 254

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")
_NOT_IN_LOCAL = frozenset('"(),:;<>[\\]@ ')


class EmailInvalid(Invalid):
    """No mail can be sent there."""

    code = "email_invalid"
    title = "Not a mail address"


class Email(Struct, frozen=True, kw_only=True):
    """`shown` is where mail goes; two addresses with one `key` are one account."""

    shown: str
    key: str


def normalise(raw: str) -> Email:
    """NFKC, the domain in lower case and Punycode; the key ignores case throughout. Raises `EmailInvalid`."""
    local, at, domain = unicodedata.normalize("NFKC", raw).strip().rpartition("@")
    if not at or not _is_local(local):
        raise EmailInvalid("a mail address is written name@domain")
    shown = f"{local}@{_to_ascii(domain)}"
    key = f"{unicodedata.normalize('NFKC', local.casefold())}@{_to_ascii(domain)}"
    if max(len(shown), len(key)) > LENGTH_MOST:
        raise EmailInvalid(f"a mail address has at most {LENGTH_MOST} characters")
    return Email(shown=shown, key=key)


def _is_local(local: str) -> bool:
    fits = 0 < len(local) <= LOCAL_MOST and local.isprintable() and not any(map(str.isspace, local))
    return fits and _NOT_IN_LOCAL.isdisjoint(local)


def _to_ascii(domain: str) -> str:
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as unfit:
        raise EmailInvalid("the domain of the mail address cannot exist") from unfit
    if not _DOMAIN.fullmatch(ascii_domain):
        raise EmailInvalid("the domain of the mail address cannot exist")
    return ascii_domain
