"""What other services ask of users, through the gateway's internal listener."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from services.chassis.http.access import for_services
from services.contracts.users import KnownAddress
from services.users.api.desk import NamedDesk
from services.users.domain.profiles import AddressMissing
from services.users.store import addresses


@get(
    "/internal/v1/users/{person_id:uuid}/addresses/{address_id:uuid}",
    opt=for_services("orders", refuses=(AddressMissing,)),
)
async def known_address(person_id: FromPath[UUID], address_id: FromPath[UUID], desk: NamedDesk) -> KnownAddress:
    """An address in that person's book, and in nobody else's."""
    saved = await addresses.get(desk.database, person_id, address_id)
    return KnownAddress(address_id=saved.id, address=saved.address)


INTERNAL = (known_address,)
