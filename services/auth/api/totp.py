"""Codes at log-in."""

from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from services.auth.actions import authenticator, passwords
from services.auth.actions.authenticator import Enrolment
from services.auth.actions.throttle import TooManyTries
from services.auth.api.desk import CodeText, NamedDesk, PasswordText
from services.auth.clients.hashing import HashingBusy
from services.auth.domain.accounts import PasswordRefused
from services.auth.domain.totp import CodeRefused, TotpAlreadyOn, TotpNotEnrolled
from services.chassis.http.access import for_users

CONFIRMED_BY_PASSWORD = (PasswordRefused, TooManyTries, HashingBusy)


class Confirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password once more."""

    password: PasswordText


class Code(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A first code from the authenticator."""

    code: CodeText


class ConfirmedCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password once more, and a code."""

    password: PasswordText
    code: CodeText


class RecoveryCodes(Struct, frozen=True, kw_only=True):
    """Each stands in for one code. They are shown this once."""

    recovery_codes: list[str]


@post("/api/v1/auth/totp", opt=for_users(refuses=(TotpAlreadyOn, *CONFIRMED_BY_PASSWORD)))
async def enrol(data: JSONBody[Confirmed], desk: NamedDesk, user_id: NamedDependency[UUID]) -> Enrolment:
    """Get a secret for an authenticator. Nothing is asked for at log-in before a first code has confirmed it."""
    await desk.throttle.admit_password(user_id)
    await passwords.confirm(desk.database, desk.vault, user_id, data.password)
    async with desk.database.unit() as unit:
        return await authenticator.enrol(unit, desk.vault, user_id)


@post(
    "/api/v1/auth/totp/confirm",
    opt=for_users(refuses=(TotpAlreadyOn, TotpNotEnrolled, CodeRefused, TooManyTries)),
    status_code=200,
)
async def confirm(data: JSONBody[Code], desk: NamedDesk, user_id: NamedDependency[UUID]) -> RecoveryCodes:
    """Show that the authenticator works: from now on log-in asks for codes."""
    await desk.throttle.admit_code(user_id, None)
    async with desk.database.unit() as unit:
        codes = await authenticator.confirm(unit, desk.vault, user_id, data.code)
    return RecoveryCodes(recovery_codes=list(codes))


@post(
    "/api/v1/auth/totp/disable",
    opt=for_users(refuses=(TotpNotEnrolled, CodeRefused, *CONFIRMED_BY_PASSWORD)),
    status_code=204,
)
async def disable(data: JSONBody[ConfirmedCode], desk: NamedDesk, user_id: NamedDependency[UUID]) -> None:
    """Ask for codes no more."""
    await desk.throttle.admit_password(user_id)
    await passwords.confirm(desk.database, desk.vault, user_id, data.password)
    async with desk.database.unit() as unit:
        await authenticator.disable(unit, desk.vault, user_id, data.code)


TOTP = (enrol, confirm, disable)
