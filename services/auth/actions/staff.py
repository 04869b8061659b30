"""What staff does to accounts, and the first member of staff."""

from uuid import UUID

import msgspec
from msgspec import Struct

from services.auth.actions.ending import end_keys, end_sessions, end_what_outgrew
from services.auth.actions.noting import note
from services.auth.actions.registration import announce, owe, prove_address
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import EmailTaken, OwnAccount, StaleVersion, User
from services.auth.domain.audit import Action, Note
from services.auth.domain.emails import Email
from services.auth.domain.letters import Kind
from services.auth.store import users
from services.chassis.database import Unit
from services.contracts.auth import Role


class NewUser(Struct, frozen=True, kw_only=True):
    """An account that staff makes; its address counts as proven."""

    email: Email
    display_name: str
    password_hash: str
    roles: frozenset[Role]
    invite: bool
    """Whether its owner gets a mail to choose a password."""


async def create(unit: Unit, vault: Vault, wanted: NewUser, *, actor_id: UUID | None) -> User:
    """Raises `EmailTaken`."""
    new = User(
        id=unit.new_id(),
        email=wanted.email.shown,
        email_key=wanted.email.key,
        password_hash=wanted.password_hash,
        created_at=unit.now,
        is_seller="seller" in wanted.roles,
        is_staff="staff" in wanted.roles,
    )
    announce(unit, new, wanted.display_name)
    user = prove_address(unit, new)
    if not await users.add(unit, user):
        raise EmailTaken
    if wanted.invite:
        await owe(unit, Kind.INVITED, wanted.email)
    await note(unit, vault, _note(Action.CREATED_BY_STAFF, actor_id, user.id, roles=_names(user)))
    return user


async def set_roles(
    unit: Unit, vault: Vault, user_id: UUID, roles: frozenset[Role], *, version: int, actor_id: UUID
) -> User:
    """Everyone stays a buyer. Sessions end when a role goes. Raises `UserMissing`, `StaleVersion`, `OwnAccount`."""
    before = await _load_other(unit, user_id, version=version, actor_id=actor_id)
    after = msgspec.structs.replace(
        before, is_seller="seller" in roles, is_staff="staff" in roles, version=before.version + 1
    )
    await users.save(unit, after)
    await end_what_outgrew(unit, before, after)
    await note(unit, vault, _note(Action.ROLES_CHANGED, actor_id, user_id, roles=_names(after)))
    return after


async def suspend(unit: Unit, vault: Vault, user_id: UUID, reason: str, *, version: int, actor_id: UUID) -> User:
    """Nobody comes in any more. Raises `UserMissing`, `StaleVersion`, `OwnAccount`."""
    user = await _load_other(unit, user_id, version=version, actor_id=actor_id)
    suspended = msgspec.structs.replace(
        user, suspended_at=user.suspended_at or unit.now, suspended_reason=reason, version=user.version + 1
    )
    await users.save(unit, suspended)
    await end_sessions(unit, user.id)
    await end_keys(unit, user.id)
    await note(unit, vault, _note(Action.SUSPENDED, actor_id, user_id, reason=reason))
    return suspended


async def reinstate(unit: Unit, vault: Vault, user_id: UUID, *, version: int, actor_id: UUID) -> User:
    """The account is as before, logged out. Raises `UserMissing`, `StaleVersion`, `OwnAccount`."""
    user = await _load_other(unit, user_id, version=version, actor_id=actor_id)
    active = msgspec.structs.replace(user, suspended_at=None, suspended_reason=None, version=user.version + 1)
    await users.save(unit, active)
    await note(unit, vault, _note(Action.REINSTATED, actor_id, user_id))
    return active


async def _load_other(unit: Unit, user_id: UUID, *, version: int, actor_id: UUID) -> User:
    if user_id == actor_id:
        raise OwnAccount
    user = await users.load(unit, user_id)
    if user.version != version:
        raise StaleVersion(version=user.version)
    return user


def _note(action: Action, actor_id: UUID | None, user_id: UUID, **details: str) -> Note:
    return Note(action=action, actor_id=actor_id, subject_id=user_id, details=details)


def _names(user: User) -> str:
    return " ".join(sorted(user.roles))
