"""How much API keys are used."""

from datetime import date
from uuid import UUID

from litestar import get
from msgspec import Struct

from services.chassis.http.access import for_staff, for_users
from services.chassis.http.pages import Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.gateway.api.desk import Desk, NamedDesk, NamedUser
from services.gateway.domain.usage import KeyUsage
from services.gateway.store import usage as store


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended."""

    day: date
    key_id: UUID


@get("/api/v1/gateway/usage/mine", opt=for_users(refuses=(CursorMalformed,)))
async def list_my_usage(
    desk: NamedDesk, user_id: NamedUser, limit: Limit = 20, cursor: Cursor = None
) -> Page[KeyUsage]:
    """Requests made with your API keys, by key and day, newest first."""
    return await _page(desk, user_id, limit, cursor)


@get("/api/v1/gateway/usage", opt=for_staff("staff:read", refuses=(CursorMalformed,)))
async def list_usage(desk: NamedDesk, limit: Limit = 20, cursor: Cursor = None) -> Page[KeyUsage]:
    """Requests made with anyone's API keys, by key and day, newest first."""
    return await _page(desk, None, limit, cursor)


async def _page(desk: Desk, user_id: UUID | None, limit: int, cursor: str | None) -> Page[KeyUsage]:
    before = None if cursor is None else from_cursor(cursor, Place)
    after = None if before is None else (before.day, before.key_id)
    rows = await store.page(desk.database, user_id=user_id, before=after, limit=limit + 1)
    return paginate(rows, limit=limit, key=lambda row: Place(row.day, row.key_id))


USAGE = (list_my_usage, list_usage)
