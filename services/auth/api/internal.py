"""What other services ask of auth, through the gateway's internal listener."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from services.auth.actions import api_keys, exporting
from services.auth.api.desk import NamedDesk
from services.auth.domain.accounts import UserMissing
from services.auth.domain.api_keys import ApiKeyRefused
from services.auth.store import sessions
from services.chassis.http.access import for_services
from services.contracts.auth import ResolveApiKey, ResolvedApiKey, Revocations
from services.contracts.users import PersonalData


@post("/internal/v1/api-keys/resolve", opt=for_services("gateway", refuses=(ApiKeyRefused,)), status_code=200)
async def resolve(data: JSONBody[ResolveApiKey], desk: NamedDesk) -> ResolvedApiKey:
    """Whose key this is, and what it may do."""
    return await api_keys.resolve(desk.database, data.api_key, now=desk.clock())


@get("/internal/v1/revocations", opt=for_services("gateway"))
async def revocations(desk: NamedDesk) -> Revocations:
    """Sessions whose access tokens may still look valid."""
    return Revocations(sessions=await sessions.revocations(desk.database, now=desk.clock()))


@get("/internal/v1/personal-data/auth/{person_id:uuid}", opt=for_services("users", refuses=(UserMissing,)))
async def personal_data(person_id: FromPath[UUID], desk: NamedDesk) -> PersonalData:
    """What auth knows of a person."""
    return await exporting.export(desk.database, person_id, now=desk.clock())


INTERNAL = (resolve, revocations, personal_data)
