"""One-time codes of an authenticator (RFC 6238, 30 s, 6 digits), and the recovery codes for when it is lost."""

import base64
from collections.abc import Sequence
from datetime import datetime

from pyotp import TOTP
from pyotp.exceptions import OTPVerificationError

from services.chassis.errors import Conflict, Unproven

ISSUER = "Souk"
SECRET_BYTES = 20
WINDOW = 1
"""Steps before and after the present one that are accepted, for clocks that are off."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
_GROUP = 4


class CodeRequired(Unproven):
    """The password is right; the account asks for a code as well."""

    code = "code_required"
    title = "Code required"

    def __init__(self) -> None:
        super().__init__("send `code` as well: from the authenticator, or a recovery code")


class CodeRefused(Unproven):
    """The code is wrong, or has been used before."""

    code = "code_refused"
    title = "Code refused"

    def __init__(self) -> None:
        super().__init__("the code is wrong or was used before")


class TotpAlreadyOn(Conflict):
    """It has to be turned off before it can be set up anew."""

    code = "totp_already_on"
    title = "Codes are already asked for"

    def __init__(self) -> None:
        super().__init__("log-in already asks for codes; turn that off first")


class TotpNotEnrolled(Conflict):
    """There is no enrolment to confirm or to end."""

    code = "totp_not_enrolled"
    title = "Codes are not set up"

    def __init__(self) -> None:
        super().__init__("no authenticator is set up; enrol one first")


def to_secret(random: bytes) -> str:
    """Base32, as authenticators take it."""
    return base64.b32encode(random).decode()


def enrolment_uri(secret: str, email: str) -> str:
    """What the QR code for an authenticator holds."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def accept(secret: str, code: str, *, last_step: int, now: datetime) -> int:
    """The time step the code belongs to. One step is accepted once, and none before it. Raises `CodeRefused`."""
    try:
        step = TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW)
    except OTPVerificationError as wrong:
        raise CodeRefused from wrong
    if step <= last_step:
        raise CodeRefused
    return step


def to_recovery_codes(random: bytes) -> Sequence[str]:
    """`RECOVERY_CODES` codes of 80 bits each, in groups to be read aloud."""
    pieces = (random[start : start + RECOVERY_BYTES] for start in range(0, len(random), RECOVERY_BYTES))
    return [_grouped(base64.b32encode(piece).decode().lower()) for piece in pieces]


def plain_recovery(code: str) -> str:
    """The code however its owner typed it."""
    return code.replace("-", "").replace(" ", "").lower()


def is_recovery(code: str) -> bool:
    """Codes of an authenticator are digits and short."""
    return len(plain_recovery(code)) == RECOVERY_BYTES * 8 // 5


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
