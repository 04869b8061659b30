"""Accounts as staff sees them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from services.auth.actions import passwords, staff
from services.auth.actions.granting import new_secret
from services.auth.actions.staff import NewUser
from services.auth.api.desk import DisplayName, EmailText, NamedDesk, NewPasswordText, Reason
from services.auth.clients.hashing import HashingBusy
from services.auth.domain.accounts import EmailTaken, OwnAccount, StaleVersion, User, UserMissing
from services.auth.domain.emails import EmailInvalid, normalise
from services.auth.domain.passwords import PasswordWeak
from services.auth.store import users
from services.auth.store.users import Wanted
from services.chassis.http.access import for_staff
from services.chassis.http.pages import Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.contracts.auth import Role

EmailFilter = Annotated[str | None, QueryParameter(name="email", max_length=254, description="Exactly this address")]
RoleFilter = Annotated[Role | None, QueryParameter(name="role", description="Only those with this role")]
Version = Annotated[int, Meta(ge=1, le=2_147_483_647)]
CHANGES = (UserMissing, StaleVersion, OwnAccount)


class UserView(Struct, frozen=True, kw_only=True):
    """An account."""

    id: UUID
    email: str
    roles: list[Role]
    verified_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str | None
    asks_for_codes: bool
    created_at: datetime
    version: int


class CreateUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account with a proven address. Without a password its owner gets a mail to choose one."""

    email: EmailText
    display_name: DisplayName
    roles: tuple[Role, ...] = ("buyer",)
    password: NewPasswordText | None = None


class SetRoles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All roles the account is to have; everyone is a buyer."""

    roles: tuple[Role, ...]
    version: Version


class Suspend(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, for colleagues."""

    reason: Reason
    version: Version


class Reinstate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account as it was read."""

    version: Version


def _view(user: User) -> UserView:
    return UserView(
        id=user.id,
        email=user.email,
        roles=sorted(user.roles),
        verified_at=user.verified_at,
        suspended_at=user.suspended_at,
        suspended_reason=user.suspended_reason,
        asks_for_codes=user.uses_totp,
        created_at=user.created_at,
        version=user.version,
    )


@get("/api/v1/auth/users", opt=for_staff(refuses=(CursorMalformed, EmailInvalid)))
async def list_users(
    desk: NamedDesk, email: EmailFilter = None, role: RoleFilter = None, limit: Limit = 20, cursor: Cursor = None
) -> Page[UserView]:
    """Accounts, oldest first."""
    wanted = Wanted(
        email_key=None if email is None else normalise(email).key,
        staff=True if role == "staff" else None,
        seller=True if role == "seller" else None,
    )
    after = None if cursor is None else from_cursor(cursor, UUID)
    found = await users.page(desk.database, wanted, after=after, limit=limit + 1)
    return paginate([_view(user) for user in found], limit=limit, key=lambda view: view.id)


@get("/api/v1/auth/users/{account_id:uuid}", opt=for_staff(refuses=(UserMissing,)))
async def get_user(desk: NamedDesk, account_id: FromPath[UUID]) -> UserView:
    """One account."""
    return _view(await users.get(desk.database, account_id))


@post("/api/v1/auth/users", opt=for_staff(refuses=(EmailInvalid, EmailTaken, PasswordWeak, HashingBusy)))
async def create_user(data: JSONBody[CreateUser], desk: NamedDesk, user_id: NamedDependency[UUID]) -> UserView:
    """Make an account whose address needs no proof: an invitation."""
    email = normalise(data.email)
    password = data.password or new_secret(desk.vault)
    wanted = NewUser(
        email=email,
        display_name=data.display_name.strip(),
        password_hash=await passwords.choose_hashed(desk.vault, password, email_key=email.key),
        roles=frozenset(data.roles),
        invite=data.password is None,
    )
    async with desk.database.unit() as unit:
        user = await staff.create(unit, desk.vault, wanted, actor_id=user_id)
    return _view(user)


@put("/api/v1/auth/users/{account_id:uuid}/roles", opt=for_staff(refuses=CHANGES))
async def set_roles(
    account_id: FromPath[UUID], data: JSONBody[SetRoles], desk: NamedDesk, user_id: NamedDependency[UUID]
) -> UserView:
    """Give and take roles. Whoever loses one is logged out, and their API keys are void."""
    roles = frozenset(data.roles)
    async with desk.database.unit() as unit:
        user = await staff.set_roles(unit, desk.vault, account_id, roles, version=data.version, actor_id=user_id)
    return _view(user)


@post("/api/v1/auth/users/{account_id:uuid}/suspend", opt=for_staff(refuses=CHANGES), status_code=200)
async def suspend(
    account_id: FromPath[UUID], data: JSONBody[Suspend], desk: NamedDesk, user_id: NamedDependency[UUID]
) -> UserView:
    """Log the account out everywhere and let nobody in."""
    async with desk.database.unit() as unit:
        user = await staff.suspend(unit, desk.vault, account_id, data.reason, version=data.version, actor_id=user_id)
    return _view(user)


@post("/api/v1/auth/users/{account_id:uuid}/reinstate", opt=for_staff(refuses=CHANGES), status_code=200)
async def reinstate(
    account_id: FromPath[UUID], data: JSONBody[Reinstate], desk: NamedDesk, user_id: NamedDependency[UUID]
) -> UserView:
    """Let the account's owner in again."""
    async with desk.database.unit() as unit:
        user = await staff.reinstate(unit, desk.vault, account_id, version=data.version, actor_id=user_id)
    return _view(user)


STAFF = (list_users, get_user, create_user, set_roles, suspend, reinstate)
