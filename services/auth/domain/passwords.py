"""Which passwords may be chosen. How they are kept is `clients.hashing`'s business."""

import unicodedata

from services.auth.domain.common_passwords import COMMON_PASSWORDS
from services.chassis.errors import Invalid

LENGTH_LEAST = 10
LENGTH_MOST = 256
DIFFERENT_LEAST = 4


class PasswordWeak(Invalid):
    """It would be among the first to be guessed. Fact `reason` says why."""

    code = "password_weak"
    title = "Weak password"

    def __init__(self, detail: str, *, reason: str) -> None:
        super().__init__(detail, reason=reason)


def fold(password: str) -> str:
    """The form that is hashed: keyboards differ in how they compose a letter."""
    return unicodedata.normalize("NFKC", password)


def choose(password: str, *, email_key: str) -> str:
    """The password as it is hashed. Raises `PasswordWeak`."""
    folded = fold(password)
    plain = folded.casefold()
    if len(folded) < LENGTH_LEAST:
        raise PasswordWeak(f"a password has at least {LENGTH_LEAST} characters", reason="short")
    if len(set(plain)) < DIFFERENT_LEAST:
        raise PasswordWeak("the password repeats too few characters", reason="repetitive")
    if plain in {email_key, email_key.partition("@")[0]}:
        raise PasswordWeak("the password is the mail address", reason="email")
    if plain in COMMON_PASSWORDS:
        raise PasswordWeak("the password is one of the most common", reason="common")
    return folded
