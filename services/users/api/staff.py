"""Sellers as staff sees them."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from services.chassis.http.access import for_staff
from services.chassis.http.pages import Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.users.actions import selling
from services.users.api.desk import Desk, NamedDesk, Reason, Version
from services.users.api.shop import SellerView, view
from services.users.domain.profiles import StaleVersion
from services.users.domain.sellers import Move, SellerMissing, SellerStateWrong, State
from services.users.store import sellers as store

StateFilter = Annotated[State | None, QueryParameter(name="state", description="Only those who stand so")]
REFUSALS = (SellerMissing, StaleVersion, SellerStateWrong)


class Decide(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The seller as it was read."""

    version: Version


class DecideAgainst(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The seller as it was read, and why."""

    version: Version
    reason: Reason


@get("/api/v1/staff/sellers", opt=for_staff("staff:read", refuses=(CursorMalformed,)))
async def list_all(
    desk: NamedDesk, standing: StateFilter = None, limit: Limit = 20, cursor: Cursor = None
) -> Page[SellerView]:
    """Sellers in any state, oldest first."""
    after = None if cursor is None else from_cursor(cursor, UUID)
    found = await store.page(desk.database, standing, after=after, limit=limit + 1)
    return paginate([view(seller) for seller in found], limit=limit, key=lambda seller: seller.id)


@post("/api/v1/staff/sellers/{seller_id:uuid}/approve", opt=for_staff("staff:write", refuses=REFUSALS), status_code=200)
async def approve(seller_id: FromPath[UUID], data: JSONBody[Decide], desk: NamedDesk) -> SellerView:
    """Let an applicant sell."""
    return await _decide(desk, seller_id, Move.APPROVE, None, data.version)


@post("/api/v1/staff/sellers/{seller_id:uuid}/reject", opt=for_staff("staff:write", refuses=REFUSALS), status_code=200)
async def reject(seller_id: FromPath[UUID], data: JSONBody[DecideAgainst], desk: NamedDesk) -> SellerView:
    """Do not let an applicant sell; they may apply again."""
    return await _decide(desk, seller_id, Move.REJECT, data.reason, data.version)


@post("/api/v1/staff/sellers/{seller_id:uuid}/suspend", opt=for_staff("staff:write", refuses=REFUSALS), status_code=200)
async def suspend(seller_id: FromPath[UUID], data: JSONBody[DecideAgainst], desk: NamedDesk) -> SellerView:
    """Stop someone from selling; their items vanish until they are reinstated."""
    return await _decide(desk, seller_id, Move.SUSPEND, data.reason, data.version)


@post(
    "/api/v1/staff/sellers/{seller_id:uuid}/reinstate", opt=for_staff("staff:write", refuses=REFUSALS), status_code=200
)
async def reinstate(seller_id: FromPath[UUID], data: JSONBody[Decide], desk: NamedDesk) -> SellerView:
    """Let a suspended seller sell again."""
    return await _decide(desk, seller_id, Move.REINSTATE, None, data.version)


async def _decide(desk: Desk, seller_id: UUID, move: Move, reason: str | None, version: int) -> SellerView:
    async with desk.database.unit() as unit:
        seller = await selling.decide(unit, seller_id, move, reason, version=version)
    return view(seller)


STAFF = (list_all, approve, reject, suspend, reinstate)
