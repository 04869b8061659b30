"""Who may call a route. Every handler says so in `opt`; one that does not keeps the service from starting.

@get("/api/v1/orders", opt=for_users("orders:read", refuses=(CursorInvalid,)))
"""

from enum import StrEnum
from uuid import UUID

from litestar import Request
from litestar.datastructures import State
from msgspec import Struct

from services.chassis.errors import Denied, SoukError, Unproven
from services.chassis.identity.tokens import IdentityClaims

AnyRequest = Request[object, IdentityClaims | None, State]
"""A request behind the entrance, which leaves the verified claims in `auth`."""


class Who(StrEnum):
    """The least a caller must be. Staff may do what staff may; it is not above sellers or buyers."""

    ANYONE = "anyone"
    USER = "user"
    SELLER = "seller"
    STAFF = "staff"
    SERVICE = "service"
    OUTSIDE = "outside"
    """Reached without the gateway's identity: health, keys, and nothing of the trade."""


class Access(Struct, frozen=True, kw_only=True):
    """One route's rule, enforced by `admit` and told in the OpenAPI document."""

    who: Who
    scope: str | None = None
    """What an API key must be allowed to do; None: no API key may."""
    callers: frozenset[str] = frozenset()
    refuses: tuple[type[SoukError], ...] = ()
    """The reasons of the trade for which this route says no."""


class ScopeMissing(Denied):
    """The API key is not allowed to do this."""

    code = "scope_missing"
    title = "API key scope missing"


Opt = dict[str, object]
Refusals = tuple[type[SoukError], ...]


def for_anyone(*, refuses: Refusals = ()) -> Opt:
    """No login needed; who is logged in is known all the same."""
    return {"access": Access(who=Who.ANYONE, refuses=refuses)}


def for_users(scope: str | None = None, *, refuses: Refusals = ()) -> Opt:
    """Anyone who has logged in."""
    return {"access": Access(who=Who.USER, scope=scope, refuses=refuses)}


def for_sellers(scope: str | None = None, *, refuses: Refusals = ()) -> Opt:
    """Users with the seller role."""
    return {"access": Access(who=Who.SELLER, scope=scope, refuses=refuses)}


def for_staff(scope: str | None = None, *, refuses: Refusals = ()) -> Opt:
    """Users with the staff role."""
    return {"access": Access(who=Who.STAFF, scope=scope, refuses=refuses)}


def for_services(*callers: str, refuses: Refusals = ()) -> Opt:
    """These services, through the gateway's internal listener."""
    return {"access": Access(who=Who.SERVICE, callers=frozenset(callers), refuses=refuses)}


OUTSIDE: Opt = {"access": Access(who=Who.OUTSIDE)}


def access_of(opt: Opt) -> Access:
    """The rule of a handler. Raises TypeError when it has none."""
    access = opt.get("access")
    if not isinstance(access, Access):
        raise TypeError("a route handler must say who may call it: opt=for_users(…)")
    return access


def check(access: Access, identity: IdentityClaims | None) -> None:
    """Raises `Unproven` for a stranger, `Denied` for the wrong person."""
    if access.who is Who.OUTSIDE:
        return
    if identity is None:
        raise Unproven("the request did not come through the gateway")
    if access.who is Who.SERVICE:
        if identity.caller not in access.callers:
            raise Denied("only other services may call this, through the gateway")
        return
    if identity.caller is not None:
        raise Denied("services may not call this")
    _check_person(access, identity)


def _check_person(access: Access, identity: IdentityClaims) -> None:
    if access.who is Who.ANYONE:
        return
    if identity.sub is None:
        raise Unproven("log in first")
    if access.who is not Who.USER and access.who.value not in identity.roles:
        raise Denied(f"this needs the {access.who.value} role")
    if identity.scopes is not None and access.scope not in identity.scopes:
        raise ScopeMissing(f"the API key lacks the scope {access.scope}", scope=access.scope)


async def admit(request: AnyRequest) -> None:
    """Before every request. Not a guard: each costs a copy of the handler, and a thread unless it is async."""
    opt = request.route_handler.opt
    if request.method == "OPTIONS" and "access" not in opt:
        return  # Litestar's own answer, which only names the methods of the path.
    check(access_of(opt), request.auth)


def provide_identity(request: AnyRequest) -> IdentityClaims:
    """Dependency `identity`: who is asking. On guarded routes it is always there."""
    if request.auth is None:
        raise Unproven("the request did not come through the gateway")
    return request.auth


def provide_user_id(request: AnyRequest) -> UUID:
    """Dependency `user_id`: the user who is asking. Raises `Unproven` for visitors and services."""
    user = provide_identity(request).sub
    if user is None:
        raise Unproven("log in first")
    return user
