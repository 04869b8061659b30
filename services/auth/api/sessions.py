"""Logging in, staying in, leaving."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Struct

from services.auth.actions import leaving, login, refreshing
from services.auth.actions.granting import Grant
from services.auth.actions.throttle import TooManyTries
from services.auth.api.desk import CodeText, Desk, EmailText, NamedClient, NamedDesk, OpaqueToken, PasswordText
from services.auth.clients.hashing import HashingBusy
from services.auth.domain.accounts import AccountSuspended, CredentialsRefused, EmailUnverified
from services.auth.domain.emails import EmailInvalid, normalise
from services.auth.domain.one_time import fingerprint
from services.auth.domain.sessions import RefreshRefused, SessionMissing
from services.auth.domain.totp import CodeRefused, CodeRequired
from services.auth.store import devices
from services.auth.store import sessions as store
from services.chassis.errors import SoukError
from services.chassis.http.access import for_anyone, for_users
from services.chassis.http.pages import Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.chassis.identity.tokens import IdentityClaims

LOGIN_REFUSALS = (
    CredentialsRefused,
    EmailUnverified,
    AccountSuspended,
    CodeRequired,
    CodeRefused,
    EmailInvalid,
    TooManyTries,
    HashingBusy,
)

RetryKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        required=False,
        min_length=16,
        max_length=255,
        description="A random value per refresh. With the same value and token, within a minute, the same refresh "
        "token is answered again: send it when an answer may get lost.",
    ),
]


class Login(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mail address and password; `code` where the account asks for it, `device_token` where there is one."""

    email: EmailText
    password: PasswordText
    code: CodeText | None = None
    device_token: OpaqueToken | None = None


class Refresh(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refresh token."""

    refresh_token: OpaqueToken


class SessionView(Struct, frozen=True, kw_only=True):
    """One place where the account is logged in."""

    id: UUID
    agent: str
    """What the browser or program calls itself."""
    network: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    current: bool
    """Whether this request was made in it."""


@post("/api/v1/auth/login", opt=for_anyone(refuses=LOGIN_REFUSALS), status_code=200)
async def log_in(data: JSONBody[Login], desk: NamedDesk, client: NamedClient) -> Grant:
    """Begin a session. `code_required` means: the password is right, ask for a code and send all again with it.

    Too many wrong tries from one address are refused for a while; other addresses, and devices that send the
    `device_token` of an earlier log-in, are not affected by them.
    """
    email_key = normalise(data.email).key
    device_id = await _known_device(desk, data.device_token, email_key)
    await desk.throttle.admit_login(client, email_key, device_id)
    proof = await login.prove(desk.database, desk.vault, email_key, data.password)
    if data.code is not None and proof.matched and proof.user is not None:
        await desk.throttle.admit_code(proof.user.id, device_id)
    async with desk.database.unit() as unit:
        outcome = await login.log_in(unit, desk.vault, proof, data.code, client, device_id=device_id)
    granted = _granted(outcome)
    await desk.throttle.forgive_login(client, email_key, device_id)
    return granted


@post("/api/v1/auth/refresh", opt=for_anyone(refuses=(RefreshRefused,)), status_code=200)
async def refresh(data: JSONBody[Refresh], desk: NamedDesk, client: NamedClient, retry_key: RetryKey = None) -> Grant:
    """Exchange a refresh token for the next. Each is good for one use.

    A used token that comes again ends the whole session, for the thief as for the owner: two tabs must not refresh
    with the same token, and a request whose answer was lost must not simply be repeated. Send an `Idempotency-Key`
    to be able to repeat it: the same key and token within a minute get the same refresh token again.
    """
    async with desk.database.unit() as unit:
        outcome = await refreshing.refresh(unit, desk.vault, data.refresh_token, client, retry_key=retry_key)
    return _granted(outcome)


@post("/api/v1/auth/logout", opt=for_anyone(), status_code=204)
async def log_out(data: JSONBody[Refresh], desk: NamedDesk) -> None:
    """End the session of this refresh token, even when the access token has expired. May be repeated."""
    async with desk.database.unit() as unit:
        await leaving.log_out(unit, desk.vault, data.refresh_token)


@post("/api/v1/auth/logout-everywhere", opt=for_users(), status_code=204)
async def log_out_everywhere(desk: NamedDesk, user_id: NamedDependency[UUID]) -> None:
    """End every session of the account, this one too."""
    async with desk.database.unit() as unit:
        await leaving.log_out_everywhere(unit, desk.vault, user_id)


@get("/api/v1/auth/sessions", opt=for_users(refuses=(CursorMalformed,)))
async def list_sessions(
    desk: NamedDesk,
    identity: NamedDependency[IdentityClaims],
    user_id: NamedDependency[UUID],
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[SessionView]:
    """Where the account is logged in, newest first."""
    before = None if cursor is None else from_cursor(cursor, UUID)
    found = await store.page(desk.database, user_id, now=desk.clock(), before=before, limit=limit + 1)
    views = [
        SessionView(
            id=session.id,
            agent=session.agent,
            network=session.network,
            created_at=session.created_at,
            used_at=session.used_at,
            expires_at=session.expires_at,
            current=session.id == identity.sid,
        )
        for session in found
    ]
    return paginate(views, limit=limit, key=lambda view: view.id)


@delete("/api/v1/auth/sessions/{session_id:uuid}", opt=for_users(refuses=(SessionMissing,)))
async def revoke_session(session_id: FromPath[UUID], desk: NamedDesk, user_id: NamedDependency[UUID]) -> None:
    """Log out there."""
    async with desk.database.unit() as unit:
        await leaving.revoke(unit, desk.vault, user_id, session_id)


async def _known_device(desk: Desk, device_token: str | None, email_key: str) -> UUID | None:
    if device_token is None:
        return None
    return await devices.known(desk.database, fingerprint(device_token), email_key=email_key)


def _granted(outcome: Grant | SoukError) -> Grant:
    if isinstance(outcome, SoukError):
        raise outcome
    return outcome


SESSIONS = (log_in, refresh, log_out, log_out_everywhere, list_sessions, revoke_session)
