"""Sessions that have ended are learnt from auth, beside being told by event."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from services.contracts.auth import Revocations

Revoke = Callable[[UUID, float], None]


class Ended(Protocol):
    """Auth."""

    async def revocations(self) -> Revocations:
        """Raises `Unavailable`."""


async def learn(auth: Ended, revoke: Revoke) -> None:
    """All that there are now; those that are known already change nothing."""
    for session in (await auth.revocations()).sessions:
        revoke(session.session_id, session.until.timestamp())
