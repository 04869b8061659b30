"""Accounts that end for good."""

from services.auth.actions.ending import end_keys, end_sessions
from services.auth.actions.login import check_code
from services.auth.actions.noting import note
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import PasswordRefused, User
from services.auth.domain.audit import Action, Note
from services.auth.store import audit, letters, users
from services.chassis.database import Unit
from services.contracts.auth import UserErased


async def erase(unit: Unit, vault: Vault, confirmed: User, code: str | None) -> None:
    """By its owner. Raises `PasswordRefused`, `CodeRequired`, `CodeRefused`."""
    user = await users.load(unit, confirmed.id)
    if user.password_hash != confirmed.password_hash:
        raise PasswordRefused
    await remove(unit, vault, await check_code(unit, vault, user, code))


async def remove(unit: Unit, vault: Vault, user: User) -> None:
    """All that could name the person goes, here and, by the event, everywhere; the audit log keeps that it happened."""
    await end_sessions(unit, user.id)
    await end_keys(unit, user.id)
    await letters.remove_to(unit, user.email_key)
    await users.remove(unit, user.id)
    unit.record(UserErased(user_id=user.id), aggregate_id=user.id, aggregate_version=user.version + 1)
    await note(unit, vault, Note(action=Action.ERASED, actor_id=user.id, subject_id=user.id))
    await audit.forget_details(unit, user.id)
