"""Sessions and the refresh tokens that keep them alive: each is good for one use.

A token that comes a second time was stolen, by whoever came first or by whoever came last: the whole session ends. The
one exception is a client that got no answer and says so: it repeats the request with the same `Idempotency-Key`, within
`RETRY_WINDOW`, and gets the same successor again, as long as nobody has used that.
"""

import ipaddress
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Missing, Unproven

IDLE = timedelta(days=30)
"""A refresh token that is not used for so long is worth nothing."""
LIFE = timedelta(days=90)
"""After this, log in again however active the session was."""
RETRY_WINDOW = timedelta(seconds=60)
AGENT_MOST = 200


class RefreshRefused(Unproven):
    """The refresh token is unknown, used, expired, or its session has ended: log in again."""

    code = "refresh_refused"
    title = "Refresh token refused"

    def __init__(self) -> None:
        super().__init__("the session has ended; log in again")


class SessionMissing(Missing):
    """The user has no such session."""

    code = "session_missing"
    title = "No such session"

    def __init__(self) -> None:
        super().__init__("you have no such session")


class Client(Struct, frozen=True, kw_only=True):
    """Where a request comes from, as the gateway tells it."""

    address: str
    agent: str

    @property
    def network(self) -> str:
        """The address without the part that names a household."""
        try:
            parsed = ipaddress.ip_address(self.address)
        except ValueError:
            return "unknown"
        return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))  # noqa: PLR2004


class Session(Struct, frozen=True, kw_only=True):
    """One log-in: the family of all refresh tokens that descend from it."""

    id: UUID
    user_id: UUID
    agent: str
    network: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class RefreshToken(Struct, frozen=True, kw_only=True):
    """One link of the family."""

    token_hash: bytes
    session_id: UUID
    expires_at: datetime
    used_at: datetime | None = None
    retry_hash: bytes | None = None
    """Of the `Idempotency-Key` it was used with."""


class Turn(StrEnum):
    """What presenting a refresh token comes to."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    REUSE = "reuse"
    ENDED = "ended"


def open_session(session_id: UUID, user_id: UUID, client: Client, *, now: datetime) -> Session:
    """A session that begins now."""
    return Session(
        id=session_id,
        user_id=user_id,
        agent=client.agent[:AGENT_MOST],
        network=client.network,
        created_at=now,
        used_at=now,
        expires_at=now + LIFE,
    )


def next_token(session: Session, token_hash: bytes, *, now: datetime) -> RefreshToken:
    """The link that follows."""
    return RefreshToken(token_hash=token_hash, session_id=session.id, expires_at=min(now + IDLE, session.expires_at))


def judge(token: RefreshToken, session: Session, *, retry_hash: bytes | None, now: datetime) -> Turn:
    """A used token of a session that has ended anyway gives nothing away: it is just refused."""
    if session.revoked_at is not None or now >= session.expires_at:
        return Turn.ENDED
    if token.used_at is None:
        return Turn.ROTATE if now < token.expires_at else Turn.ENDED
    same_try = retry_hash is not None and retry_hash == token.retry_hash
    return Turn.REPEAT if same_try and now - token.used_at <= RETRY_WINDOW else Turn.REUSE
