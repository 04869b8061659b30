"""Sessions and keys that end before their time, and everyone who must know."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.auth.domain.accounts import User
from services.auth.store import api_keys, sessions
from services.chassis.database import Unit
from services.chassis.identity.tokens import ACCESS_TTL_S, CLOCK_LEEWAY_S
from services.contracts.auth import ApiKeyRevoked, SessionRevoked

ACCESS_LIFE = timedelta(seconds=ACCESS_TTL_S + CLOCK_LEEWAY_S)


async def end_sessions(
    unit: Unit, user_id: UUID, *, only: UUID | None = None, but: UUID | None = None
) -> Sequence[UUID]:
    """All of the user's, `only` one, or all `but` one; those that this has ended."""
    ended = await sessions.revoke(unit, user_id, only=only, but=but)
    until = unit.now + ACCESS_LIFE
    await sessions.add_revocations(unit, ended, until=until)
    for session_id in ended:
        unit.record(
            SessionRevoked(session_id=session_id, user_id=user_id, until=until),
            aggregate_id=session_id,
            aggregate_version=1,
        )
    return ended


async def end_keys(unit: Unit, user_id: UUID, *, only: UUID | None = None) -> Sequence[UUID]:
    """All of the user's API keys, or `only` one; those that this has ended."""
    ended = await api_keys.remove(unit, user_id, only=only)
    for key_id in ended:
        unit.record(ApiKeyRevoked(key_id=key_id, user_id=user_id), aggregate_id=key_id, aggregate_version=1)
    return ended


async def end_what_outgrew(unit: Unit, before: User, after: User) -> None:
    """A role that was taken away is still written in sessions and keys: they end."""
    if before.roles - after.roles:
        await end_sessions(unit, after.id)
        await end_keys(unit, after.id)
