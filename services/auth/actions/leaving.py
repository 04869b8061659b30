"""Logging out, here or everywhere."""

from uuid import UUID

from services.auth.actions.ending import end_sessions
from services.auth.actions.noting import note
from services.auth.actions.refreshing import session_of
from services.auth.clients.vault import Vault
from services.auth.domain.audit import Action, Note
from services.auth.domain.sessions import SessionMissing
from services.auth.store import devices
from services.chassis.database import Unit


async def log_out(unit: Unit, vault: Vault, refresh_token: str) -> None:
    """End the session of this token; one that is unknown or over is as logged out as can be."""
    found = await session_of(unit, refresh_token)
    if found is None:
        return
    session = found[1]
    if await end_sessions(unit, session.user_id, only=session.id):
        await _note(unit, vault, Action.LOGGED_OUT, session.user_id, session.id)


async def log_out_everywhere(unit: Unit, vault: Vault, user_id: UUID) -> None:
    """End every session, and know no device any more."""
    await end_sessions(unit, user_id)
    await devices.forget(unit, user_id)
    await _note(unit, vault, Action.LOGGED_OUT_EVERYWHERE, user_id, None)


async def revoke(unit: Unit, vault: Vault, user_id: UUID, session_id: UUID) -> None:
    """End one session from another. Raises `SessionMissing`."""
    if not await end_sessions(unit, user_id, only=session_id):
        raise SessionMissing
    await _note(unit, vault, Action.SESSION_REVOKED, user_id, session_id)


async def _note(unit: Unit, vault: Vault, action: Action, user_id: UUID, session_id: UUID | None) -> None:
    details = {} if session_id is None else {"session_id": str(session_id)}
    await note(unit, vault, Note(action=action, actor_id=user_id, subject_id=user_id, details=details))
