"""One's own account."""

from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from services.auth.actions import erasing, passwords
from services.auth.api.desk import CodeText, NamedDesk, PasswordText
from services.auth.api.totp import CONFIRMED_BY_PASSWORD
from services.auth.domain.accounts import User, UserMissing
from services.auth.domain.totp import CodeRefused, CodeRequired
from services.auth.store import users
from services.chassis.http.access import for_users
from services.chassis.identity.tokens import IdentityClaims
from services.contracts.auth import Role


class Me(Struct, frozen=True, kw_only=True):
    """Who is logged in. Names and the like are at `/api/v1/users/me`."""

    id: UUID
    email: str
    roles: list[Role]
    asks_for_codes: bool
    created_at: datetime
    session_id: UUID | None
    """None for an API key."""


class Erase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password once more, and a code where log-in asks for one."""

    password: PasswordText
    code: CodeText | None = None


def _me(user: User, session_id: UUID | None) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        roles=sorted(user.roles),
        asks_for_codes=user.uses_totp,
        created_at=user.created_at,
        session_id=session_id,
    )


@get("/api/v1/auth/me", opt=for_users("account:read", refuses=(UserMissing,)))
async def me(desk: NamedDesk, identity: NamedDependency[IdentityClaims], user_id: NamedDependency[UUID]) -> Me:
    """The account that is asking."""
    return _me(await users.get(desk.database, user_id), identity.sid if identity.scopes is None else None)


@post(
    "/api/v1/auth/me/erase",
    opt=for_users(refuses=(UserMissing, CodeRequired, CodeRefused, *CONFIRMED_BY_PASSWORD)),
    status_code=204,
)
async def erase(data: JSONBody[Erase], desk: NamedDesk, user_id: NamedDependency[UUID]) -> None:
    """Close the account for good. Every service forgets the person; orders stay, without a name, as the law asks."""
    await desk.throttle.admit_password(user_id)
    user = await passwords.confirm(desk.database, desk.vault, user_id, data.password)
    async with desk.database.unit() as unit:
        await erasing.erase(unit, desk.vault, user, data.code)


ACCOUNTS = (me, erase)
