"""The smallest service there can be, for testing what all services stand on: it makes things and tells of it."""

from typing import ClassVar
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct
from sqlalchemy import Column, MetaData, String, Table, Uuid, bindparam, insert, select

from services.chassis.database import Database, Prepared
from services.chassis.errors import Conflict
from services.chassis.http.access import AnyRequest, for_anyone, for_sellers, for_services, for_staff, for_users
from services.chassis.http.idempotency import IdempotencyKey, claim_of, replayed, to_saved
from services.chassis.http.pages import Cursor, Limit, Page, paginate
from services.chassis.outbox.idempotency import claim, settle
from services.chassis.outbox.tables import journal
from services.contracts.message import Event

METADATA = MetaData()
journal(METADATA)
THING = Table("thing", METADATA, Column("id", Uuid, primary_key=True), Column("name", String(80), nullable=False))


class ThingMade(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "shop.thing.made"
    name: str


class NewThing(Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class Thing(Struct, frozen=True):
    id: UUID
    name: str


class NameTaken(Conflict):
    code = "name_taken"
    title = "Name taken"


FIRST_THINGS = Prepared(select(THING.c.id, THING.c.name).order_by(THING.c.id).limit(bindparam("most")), Thing)


@get("/api/v1/things", opt=for_anyone())
async def list_things(database: NamedDependency[Database], limit: Limit = 20, cursor: Cursor = None) -> Page[Thing]:
    assert cursor is None
    return paginate(await database.fetch(FIRST_THINGS, most=limit + 1), limit=limit, key=lambda thing: thing.id)


@post("/api/v1/things", opt=for_users("things:write", refuses=(NameTaken,)))
async def make_thing(
    request: AnyRequest, data: JSONBody[NewThing], database: NamedDependency[Database], key: IdempotencyKey = None
) -> Response[Thing] | Response[bytes]:
    wanted = await claim_of(request, key)
    async with database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        if data.name == "taken":
            raise NameTaken("there is one of that name", name=data.name)
        thing = Thing(unit.new_id(), data.name)
        await unit.connection.execute(insert(THING).values(id=thing.id, name=thing.name))
        unit.record(ThingMade(name=data.name), aggregate_id=thing.id, aggregate_version=1)
        await settle(unit, wanted, to_saved(201, thing))
    return Response(thing, status_code=201)


@get("/api/v1/crash", opt=for_anyone())
async def crash() -> None:
    raise ZeroDivisionError("secret detail")


@get("/api/v1/seller/things", opt=for_sellers())
async def for_a_seller() -> None: ...


@get("/api/v1/staff/things", opt=for_staff("things:read"))
async def for_a_clerk() -> None: ...


@get("/internal/v1/things", opt=for_services("orders"))
async def for_a_service() -> None: ...


HANDLERS = [list_things, make_thing, crash, for_a_seller, for_a_clerk, for_a_service]
