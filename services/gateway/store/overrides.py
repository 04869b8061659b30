"""What staff have overridden."""

import msgspec
from sqlalchemy import delete, select

from services.chassis.database import Database, Unit
from services.gateway.domain.overrides import LimitOverride, Overrides, RouteOverride
from services.gateway.store.inserting import insert_into
from services.gateway.tables import LIMIT_OVERRIDES, ROUTE_OVERRIDES

_ROUTES = select(ROUTE_OVERRIDES).order_by(ROUTE_OVERRIDES.c.path)
_LIMITS = select(LIMIT_OVERRIDES).order_by(LIMIT_OVERRIDES.c.name)


async def load(database: Database) -> Overrides:
    """All there are."""
    async with database.reading() as connection:
        routes = (await connection.execute(_ROUTES)).mappings().all()
        limits = (await connection.execute(_LIMITS)).mappings().all()
    return Overrides(routes=[RouteOverride(**row) for row in routes], limits=[LimitOverride(**row) for row in limits])


async def put_route(unit: Unit, override: RouteOverride) -> None:
    """In the place of any before."""
    values = msgspec.structs.asdict(override)
    insert = insert_into(unit, ROUTE_OVERRIDES).values(values)
    await unit.connection.execute(insert.on_conflict_do_update(index_elements=["path"], set_=values))


async def put_limit(unit: Unit, override: LimitOverride) -> None:
    """In the place of any before."""
    values = msgspec.structs.asdict(override)
    insert = insert_into(unit, LIMIT_OVERRIDES).values(values)
    await unit.connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=values))


async def drop_route(unit: Unit, path: str) -> None:
    """As the table says again."""
    await unit.connection.execute(delete(ROUTE_OVERRIDES).where(ROUTE_OVERRIDES.c.path == path))


async def drop_limit(unit: Unit, name: str) -> None:
    """As the table says again."""
    await unit.connection.execute(delete(LIMIT_OVERRIDES).where(LIMIT_OVERRIDES.c.name == name))
