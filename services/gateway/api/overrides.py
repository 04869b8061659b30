"""What staff change while the gateway runs, and how the services are doing."""

from typing import Annotated

from litestar import delete, get, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct

from services.chassis.http.access import for_staff
from services.gateway.actions import overriding
from services.gateway.api.desk import Desk, NamedDesk, NamedUser
from services.gateway.domain.overrides import LimitOverride, LimitUnknown, Overrides, RouteOverride, RouteUnknown
from services.gateway.domain.standing import Standing
from services.gateway.store import overrides as store

READ, WRITE = "staff:read", "staff:write"
Path = Annotated[str, Meta(min_length=1, max_length=200, description="As the table has it", examples=["/api/v1/items"])]
LimitName = Annotated[str, Meta(min_length=1, max_length=100, examples=["search"])]
ByPath = Annotated[str, QueryParameter(name="path", min_length=1, max_length=200)]
ByName = Annotated[str, QueryParameter(name="name", min_length=1, max_length=100)]


class OverrideRoute(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different for one route."""

    path: Path
    closed_s: Annotated[int, Meta(ge=1, le=86_400, description="Closed; come back after so many seconds")] | None = None
    canary_header: Annotated[str, Meta(min_length=1, max_length=100, pattern="^[!-~]+$")] | None = None
    canary_weight: Annotated[int, Meta(ge=0, le=100, description="Of 100 visitors")] = 0


class OverrideLimit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different for one limit."""

    name: LimitName
    burst: Annotated[int, Meta(ge=1, le=10_000_000)]
    per_s: Annotated[float, Meta(gt=0, le=86_400)]


class Standings(Struct, frozen=True, kw_only=True):
    """Of every service; there is always but one page."""

    items: list[Standing]
    next: None = None


@get("/api/v1/gateway/overrides", opt=for_staff(READ))
async def show_overrides(desk: NamedDesk) -> Overrides:
    """All that is overridden now."""
    return await store.load(desk.database)


@put("/api/v1/gateway/overrides/routes", opt=for_staff(WRITE, refuses=(RouteUnknown,)))
async def override_route(data: JSONBody[OverrideRoute], desk: NamedDesk, user_id: NamedUser) -> Overrides:
    """Close a route, or send a share of its requests to the service's canary."""
    async with desk.database.unit() as unit:
        override = RouteOverride(
            path=data.path,
            closed_s=data.closed_s,
            canary_header=data.canary_header,
            canary_weight=data.canary_weight,
            changed_by=user_id,
            changed_at=unit.now,
        )
        await overriding.override_route(unit, desk.known, override)
    return await _apply(desk)


@put("/api/v1/gateway/overrides/limits", opt=for_staff(WRITE, refuses=(LimitUnknown,)))
async def override_limit(data: JSONBody[OverrideLimit], desk: NamedDesk, user_id: NamedUser) -> Overrides:
    """Move a rate limit."""
    async with desk.database.unit() as unit:
        override = LimitOverride(
            name=data.name, burst=data.burst, per_s=data.per_s, changed_by=user_id, changed_at=unit.now
        )
        await overriding.override_limit(unit, desk.known, override)
    return await _apply(desk)


@delete("/api/v1/gateway/overrides/routes", opt=for_staff(WRITE, refuses=(RouteUnknown,)), status_code=200)
async def restore_route(desk: NamedDesk, path: ByPath) -> Overrides:
    """Back to what the table says."""
    async with desk.database.unit() as unit:
        await overriding.restore_route(unit, desk.known, path)
    return await _apply(desk)


@delete("/api/v1/gateway/overrides/limits", opt=for_staff(WRITE, refuses=(LimitUnknown,)), status_code=200)
async def restore_limit(desk: NamedDesk, name: ByName) -> Overrides:
    """Back to what the table says."""
    async with desk.database.unit() as unit:
        await overriding.restore_limit(unit, desk.known, name)
    return await _apply(desk)


@get("/api/v1/gateway/services", opt=for_staff(READ), sync_to_thread=False)
def list_services(desk: NamedDesk) -> Standings:
    """How each service is doing, as this process of the gateway sees it."""
    return Standings(items=list(desk.standing()))


async def _apply(desk: Desk) -> Overrides:
    return await overriding.refresh(desk.database, desk.apply)


OVERRIDES = (
    show_overrides,
    override_route,
    override_limit,
    restore_route,
    restore_limit,
    list_services,
)
