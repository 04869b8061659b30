"""Forgotten and changed passwords."""

from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from services.auth.actions import passwords
from services.auth.actions.registration import MailTokenRefused
from services.auth.actions.throttle import TooManyTries
from services.auth.api.desk import NamedClient, NamedDesk, NewPasswordText, OpaqueToken, PasswordText
from services.auth.api.registering import MailSent, SentTo
from services.auth.clients.hashing import HashingBusy
from services.auth.domain.accounts import PasswordRefused
from services.auth.domain.emails import EmailInvalid, normalise
from services.auth.domain.passwords import PasswordWeak
from services.chassis.http.access import for_anyone, for_users
from services.chassis.identity.tokens import IdentityClaims


class Reset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The token from the mail, and what the password is to be."""

    token: OpaqueToken
    password: NewPasswordText


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the password is, and what it is to be."""

    password: PasswordText
    new_password: NewPasswordText


@post("/api/v1/auth/password/forgotten", opt=for_anyone(refuses=(EmailInvalid, TooManyTries)), status_code=202)
async def forgotten(data: JSONBody[SentTo], desk: NamedDesk, client: NamedClient) -> MailSent:
    """Send a link to choose a new password, if the address has an account; the answer does not tell."""
    email = normalise(data.email)
    await desk.throttle.admit_mail(client, email.key)
    async with desk.database.unit() as unit:
        await passwords.forget(unit, email)
    return MailSent(email=email.shown)


@post(
    "/api/v1/auth/password/reset",
    opt=for_anyone(refuses=(MailTokenRefused, PasswordWeak, HashingBusy)),
    status_code=204,
)
async def reset(data: JSONBody[Reset], desk: NamedDesk, client: NamedClient) -> None:
    """Choose a new password with the token from a mail. Every session ends; codes are still asked for at log-in."""
    email_key = await passwords.address_of(desk.database, data.token, now=desk.clock())
    hashed = await passwords.choose_hashed(desk.vault, data.password, email_key=email_key)
    async with desk.database.unit() as unit:
        await passwords.reset(unit, desk.vault, data.token, hashed, client)


@post(
    "/api/v1/auth/password/change",
    opt=for_users(refuses=(PasswordRefused, PasswordWeak, TooManyTries, HashingBusy)),
    status_code=204,
)
async def change(
    data: JSONBody[Change],
    desk: NamedDesk,
    client: NamedClient,
    identity: NamedDependency[IdentityClaims],
    user_id: NamedDependency[UUID],
) -> None:
    """Choose a new password. Every other session ends; this one stays."""
    await desk.throttle.admit_password(user_id)
    user = await passwords.confirm(desk.database, desk.vault, user_id, data.password)
    hashed = await passwords.choose_hashed(desk.vault, data.new_password, email_key=user.email_key)
    async with desk.database.unit() as unit:
        await passwords.change(unit, desk.vault, user, hashed, client, session_id=identity.sid)


PASSWORDS = (forgotten, reset, change)
