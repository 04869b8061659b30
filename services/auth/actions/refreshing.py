"""Refresh tokens: exchanged once, and what happens when one comes again."""

from services.auth.actions.ending import end_sessions
from services.auth.actions.granting import Grant, grant, new_secret
from services.auth.actions.noting import note, seen_from
from services.auth.clients.vault import Vault
from services.auth.domain.audit import Action, Note
from services.auth.domain.one_time import fingerprint, successor, to_text
from services.auth.domain.sessions import Client, RefreshRefused, RefreshToken, Session, Turn, judge, next_token
from services.auth.store import sessions, users
from services.chassis.database import Unit


async def refresh(
    unit: Unit, vault: Vault, presented: str, client: Client, *, retry_key: str | None
) -> Grant | RefreshRefused:
    """The next tokens. A refusal is returned, not raised: the end of a stolen session has to be committed."""
    found = await sessions.find_token(unit, fingerprint(presented))
    if found is None:
        return RefreshRefused()
    token, session = found
    retry_hash = None if retry_key is None else fingerprint(retry_key)
    turn = judge(token, session, retry_hash=retry_hash, now=unit.now)
    if turn is Turn.ENDED:
        return RefreshRefused()
    following = new_secret(vault) if retry_key is None else to_text(successor(vault.succession, presented, retry_key))
    if turn is Turn.ROTATE:
        await sessions.use_token(unit, token, retry_hash=retry_hash)
        await sessions.add_token(unit, next_token(session, fingerprint(following), now=unit.now))
    elif turn is Turn.REUSE or not await sessions.is_unused(unit, fingerprint(following)):
        return await _end_family(unit, vault, session, client)
    return await _grant(unit, vault, session, following)


async def _grant(unit: Unit, vault: Vault, session: Session, following: str) -> Grant | RefreshRefused:
    if not await sessions.touch(unit, session.id):
        return RefreshRefused()  # Revoked since it was read.
    user = await users.peek(unit, session.user_id)
    return grant(unit, vault, user, session, following)


async def _end_family(unit: Unit, vault: Vault, session: Session, client: Client) -> RefreshRefused:
    await end_sessions(unit, session.user_id, only=session.id)
    details = {"session_id": str(session.id), **seen_from(client)}
    reused = Note(action=Action.REFRESH_REUSED, actor_id=None, subject_id=session.user_id, details=details)
    await note(unit, vault, reused)
    return RefreshRefused()


async def session_of(unit: Unit, refresh_token: str) -> tuple[RefreshToken, Session] | None:
    """Whose token it is, however old."""
    return await sessions.find_token(unit, fingerprint(refresh_token))
