"""Having an account: asking for one, and proving that the mail address is one's own.

Whoever asks cannot tell from the answer whether the address had an account; its owner learns that by mail.
"""

import msgspec
from msgspec import Struct

from services.auth.actions.noting import note, seen_from
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import User
from services.auth.domain.audit import Action, Note
from services.auth.domain.emails import Email
from services.auth.domain.letters import Kind, Letter, Purpose
from services.auth.domain.one_time import fingerprint
from services.auth.domain.sessions import Client
from services.auth.store import letters, users
from services.chassis.database import Unit
from services.chassis.errors import Invalid
from services.contracts.auth import UserRegistered, UserVerified


class MailTokenRefused(Invalid):
    """The token is unknown, was used, or is too old: ask for a new mail."""

    code = "mail_token_refused"
    title = "The link does not work any more"

    def __init__(self) -> None:
        super().__init__("the link was used already or is too old; ask for a new one")


class Registration(Struct, frozen=True, kw_only=True):
    """Who asks for an account, with the password hashed."""

    email: Email
    display_name: str
    password_hash: str


async def register(unit: Unit, vault: Vault, wanted: Registration, client: Client) -> None:
    """The last registration of an address that nobody has verified is the one that counts."""
    existing = await users.find_by_email(unit, wanted.email.key)
    if existing is not None and existing.verified_at is not None:
        await owe(unit, Kind.ALREADY_REGISTERED, wanted.email)
        await _note(unit, vault, Action.REGISTERED_AGAIN, existing, client)
        return
    user = await (_add(unit, wanted) if existing is None else _replace(unit, existing, wanted))
    await owe(unit, Kind.VERIFY, wanted.email)
    if user is not None:
        announce(unit, user, wanted.display_name)
    await _note(unit, vault, Action.REGISTERED, user, client)


async def _add(unit: Unit, wanted: Registration) -> User | None:
    user = User(
        id=unit.new_id(),
        email=wanted.email.shown,
        email_key=wanted.email.key,
        password_hash=wanted.password_hash,
        created_at=unit.now,
    )
    return user if await users.add(unit, user) else None  # None: another request has just registered it.


async def _replace(unit: Unit, existing: User, wanted: Registration) -> User:
    user = msgspec.structs.replace(
        existing, email=wanted.email.shown, password_hash=wanted.password_hash, version=existing.version + 1
    )
    await users.save(unit, user)
    await letters.void_tokens(unit, user.id, Purpose.VERIFY)
    return user


def announce(unit: Unit, user: User, display_name: str) -> None:
    """Tell that the account is there."""
    event = UserRegistered(user_id=user.id, email=user.email, display_name=display_name)
    unit.record(event, aggregate_id=user.id, aggregate_version=user.version)


async def owe(unit: Unit, kind: Kind, email: Email) -> None:
    """A mail, to be written and sent by the worker: an answer that waits for it would tell who has an account."""
    letter = Letter(id=unit.new_id(), kind=kind, email=email.shown, email_key=email.key, due_at=unit.now)
    await letters.add(unit, letter)


async def verify(unit: Unit, vault: Vault, token: str, client: Client) -> User:
    """The mail has been read. Raises `MailTokenRefused`."""
    user = prove_address(unit, await redeem(unit, Purpose.VERIFY, token))
    await users.save(unit, user)
    await letters.void_tokens(unit, user.id, Purpose.VERIFY)
    await _note(unit, vault, Action.VERIFIED, user, client)
    return user


async def redeem(unit: Unit, purpose: Purpose, token: str) -> User:
    """Whom the mail was for, locked; the token is spent. Raises `MailTokenRefused`."""
    token_hash = fingerprint(token)
    user_id = await letters.whose_token(unit, purpose, token_hash)
    user = None if user_id is None else await users.find(unit, user_id)
    if user is None or not await letters.spend_token(unit, token_hash):
        raise MailTokenRefused
    return user


def prove_address(unit: Unit, user: User) -> User:
    """The user as one whose address is proven; told to everyone the first time."""
    if user.verified_at is not None:
        return user
    verified = msgspec.structs.replace(user, verified_at=unit.now, version=user.version + 1)
    event = UserVerified(user_id=user.id, email=user.email)
    unit.record(event, aggregate_id=user.id, aggregate_version=verified.version)
    return verified


async def _note(unit: Unit, vault: Vault, action: Action, user: User | None, client: Client) -> None:
    subject = None if user is None else user.id
    await note(unit, vault, Note(action=action, actor_id=None, subject_id=subject, details=seen_from(client)))
