"""The audit log, for its subject and for staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from services.auth.actions import auditing
from services.auth.actions.auditing import Examined
from services.auth.api.desk import NamedDesk
from services.auth.domain.audit import Entry
from services.auth.store import audit
from services.chassis.database import Database
from services.chassis.http.access import for_staff, for_users
from services.chassis.http.pages import Cursor, CursorMalformed, Limit, Page, from_cursor, paginate

SEQ_MOST = 2**63 - 1
Subject = Annotated[UUID | None, QueryParameter(name="subject_id", description="Only what concerns this account")]


class EntryView(Struct, frozen=True, kw_only=True):
    """What happened to an account."""

    seq: int
    at: datetime
    action: str
    actor_id: UUID | None
    """None: a visitor, or Souk itself."""
    subject_id: UUID | None
    details: dict[str, str] | None
    """None once the account was erased."""


def _view(entry: Entry) -> EntryView:
    return EntryView(
        seq=entry.seq,
        at=entry.at,
        action=entry.action,
        actor_id=entry.actor_id,
        subject_id=entry.subject_id,
        details=entry.details,
    )


class _Place(Struct, frozen=True, array_like=True):
    seq: Annotated[int, Meta(ge=0, le=SEQ_MOST)]


async def _page(database: Database, subject_id: UUID | None, limit: int, cursor: str | None) -> Page[EntryView]:
    before = None if cursor is None else from_cursor(cursor, _Place).seq
    entries = await audit.page(database, subject_id=subject_id, before=before, limit=limit + 1)
    return paginate([_view(entry) for entry in entries], limit=limit, key=lambda view: _Place(view.seq))


@get("/api/v1/auth/audit", opt=for_users(refuses=(CursorMalformed,)))
async def own_log(
    desk: NamedDesk, user_id: NamedDependency[UUID], limit: Limit = 20, cursor: Cursor = None
) -> Page[EntryView]:
    """What happened to one's own account, newest first."""
    return await _page(desk.database, user_id, limit, cursor)


@get("/api/v1/auth/audit/all", opt=for_staff(refuses=(CursorMalformed,)))
async def whole_log(
    desk: NamedDesk, subject_id: Subject = None, limit: Limit = 20, cursor: Cursor = None
) -> Page[EntryView]:
    """What happened to all accounts, or to one, newest first."""
    return await _page(desk.database, subject_id, limit, cursor)


@get("/api/v1/auth/audit/check", opt=for_staff())
async def check(desk: NamedDesk) -> Examined:
    """Walk the whole chain: whether any entry was changed, removed or put in."""
    return await auditing.examine_all(desk.database, desk.vault)


LOG = (own_log, whole_log, check)
