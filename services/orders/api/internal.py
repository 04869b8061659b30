"""What other services ask of orders, through the gateway's internal listener."""

from uuid import UUID

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from services.chassis.http.access import for_services
from services.contracts.users import PersonalData
from services.orders.actions.exporting import export
from services.orders.api.counter import NamedCounter


@get("/internal/v1/personal-data/orders/{person_id:uuid}", opt=for_services("users"))
async def personal_data(person_id: FromPath[UUID], counter: NamedCounter) -> PersonalData:
    """What orders knows of a person."""
    return await export(counter.database, person_id)


HANDLERS: tuple[HTTPRouteHandler, ...] = (personal_data,)
