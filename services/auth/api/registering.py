"""Asking for an account and proving the mail address."""

from litestar import post
from litestar.params import JSONBody
from msgspec import Struct

from services.auth.actions import passwords, registration
from services.auth.actions.registration import MailTokenRefused, Registration
from services.auth.actions.throttle import TooManyTries
from services.auth.api.desk import DisplayName, EmailText, NamedClient, NamedDesk, NewPasswordText, OpaqueToken
from services.auth.clients.hashing import HashingBusy
from services.auth.domain.emails import EmailInvalid, normalise
from services.auth.domain.passwords import PasswordWeak
from services.chassis.http.access import for_anyone


class Register(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new account."""

    email: EmailText
    password: NewPasswordText
    display_name: DisplayName


class MailSent(Struct, frozen=True, kw_only=True):
    """The same whether the address has an account or not."""

    email: str
    """As mail is sent to it."""


class SentTo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where mail is wanted."""

    email: EmailText


class MailToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the link in a mail holds."""

    token: OpaqueToken


class Verified(Struct, frozen=True, kw_only=True):
    """Log-in works from now on."""

    email: str


@post(
    "/api/v1/auth/register",
    opt=for_anyone(refuses=(EmailInvalid, PasswordWeak, TooManyTries, HashingBusy)),
    status_code=202,
)
async def register(data: JSONBody[Register], desk: NamedDesk, client: NamedClient) -> MailSent:
    """Send a mail with a link that verifies the address; the account can be used after that.

    If the address has an account, its owner is told by mail, and the answer here is the same.
    """
    email = normalise(data.email)
    await desk.throttle.admit_mail(client, email.key)
    hashed = await passwords.choose_hashed(desk.vault, data.password, email_key=email.key)
    wanted = Registration(email=email, display_name=data.display_name.strip(), password_hash=hashed)
    async with desk.database.unit() as unit:
        await registration.register(unit, desk.vault, wanted, client)
    return MailSent(email=email.shown)


@post("/api/v1/auth/verify", opt=for_anyone(refuses=(MailTokenRefused,)), status_code=200)
async def verify(data: JSONBody[MailToken], desk: NamedDesk, client: NamedClient) -> Verified:
    """Show that the mail has arrived. A token is good once, for a day."""
    async with desk.database.unit() as unit:
        user = await registration.verify(unit, desk.vault, data.token, client)
    return Verified(email=user.email)


@post("/api/v1/auth/resend", opt=for_anyone(refuses=(EmailInvalid, TooManyTries)), status_code=202)
async def resend(data: JSONBody[SentTo], desk: NamedDesk, client: NamedClient) -> MailSent:
    """Send the verification mail once more, if there is anything to verify; the answer does not tell."""
    email = normalise(data.email)
    await desk.throttle.admit_mail(client, email.key)
    async with desk.database.unit() as unit:
        await passwords.resend(unit, email)
    return MailSent(email=email.shown)


REGISTERING = (register, verify, resend)
