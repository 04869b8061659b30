"""Choosing a new password: by mail, or from within a session."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.auth.actions.ending import end_sessions
from services.auth.actions.noting import note, seen_from
from services.auth.actions.registration import MailTokenRefused, owe, prove_address, redeem
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import PasswordRefused, User
from services.auth.domain.audit import Action, Note
from services.auth.domain.emails import Email
from services.auth.domain.letters import Kind, Purpose
from services.auth.domain.one_time import fingerprint
from services.auth.domain.passwords import choose
from services.auth.domain.sessions import Client
from services.auth.store import devices, letters, users
from services.chassis.database import Database, Unit


async def forget(unit: Unit, email: Email) -> None:
    """Whether the address has an account is looked up when the mail is written."""
    await owe(unit, Kind.RESET, email)


async def resend(unit: Unit, email: Email) -> None:
    """The verification mail once more; the same holds."""
    await owe(unit, Kind.VERIFY, email)


async def choose_hashed(vault: Vault, password: str, *, email_key: str) -> str:
    """The hash of a new password. Raises `PasswordWeak`, `HashingBusy`."""
    return await vault.hasher.hash(choose(password, email_key=email_key))


async def address_of(database: Database, token: str, *, now: datetime) -> str:
    """Key of the address a reset token was mailed to, before anything costly is done. Raises `MailTokenRefused`."""
    email_key = await letters.address_of(database, Purpose.RESET, fingerprint(token), now=now)
    if email_key is None:
        raise MailTokenRefused
    return email_key


async def confirm(database: Database, vault: Vault, user_id: UUID, password: str) -> User:
    """Whoever is logged in shows the password again. Raises `PasswordRefused`, `UserMissing`, `HashingBusy`."""
    user = await users.get(database, user_id)
    if not await vault.hasher.matches(password, user.password_hash):
        raise PasswordRefused
    return user


async def reset(unit: Unit, vault: Vault, token: str, password_hash: str, client: Client) -> None:
    """By a token from a mail, which proves the address as well. Every session ends. Raises `MailTokenRefused`."""
    user = prove_address(unit, await redeem(unit, Purpose.RESET, token))
    await _replace(unit, user, password_hash)
    await end_sessions(unit, user.id)
    seen = Note(action=Action.PASSWORD_RESET, actor_id=user.id, subject_id=user.id, details=seen_from(client))
    await note(unit, vault, seen)


async def change(
    unit: Unit, vault: Vault, confirmed: User, password_hash: str, client: Client, *, session_id: UUID | None
) -> None:
    """Every other session ends. Raises `PasswordRefused` when it was changed meanwhile."""
    user = await users.load(unit, confirmed.id)
    if user.password_hash != confirmed.password_hash:
        raise PasswordRefused
    await _replace(unit, user, password_hash)
    await end_sessions(unit, user.id, but=session_id)
    seen = Note(action=Action.PASSWORD_CHANGED, actor_id=user.id, subject_id=user.id, details=seen_from(client))
    await note(unit, vault, seen)


async def _replace(unit: Unit, user: User, password_hash: str) -> None:
    await users.save(unit, msgspec.structs.replace(user, password_hash=password_hash))
    await letters.void_tokens(unit, user.id, Purpose.RESET)
    await devices.forget(unit, user.id)
    await owe(unit, Kind.PASSWORD_CHANGED, Email(shown=user.email, key=user.email_key))
