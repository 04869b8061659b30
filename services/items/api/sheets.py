"""The seller's desk: items in bulk, in and out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import PathParameter, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from services.chassis.http.access import AnyRequest, for_sellers
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.items.actions import importing
from services.items.api.counter import NOT_SELLING, Counter, NamedCounter, UserId
from services.items.api.desk import READ, WRITE
from services.items.domain.imports import Fault, Import, ImportMissing, ImportUnreadable
from services.items.domain.sellers import SellerUnknown
from services.items.domain.sheets import SheetFormat, sheet_of, to_line
from services.items.domain.table_sheets import header_row, read_sheet, to_rows
from services.items.store import imports, items, stock

EXPORTED_AT_ONCE = 100
MEDIA_TYPES: dict[str, SheetFormat] = {
    "text/csv": "csv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
}

LineNumber = Annotated[int, Meta(ge=0, le=2_147_483_647)]
ImportId = Annotated[UUID, PathParameter(description="Id of an import")]
AsFormat = Annotated[SheetFormat, QueryParameter(name="format", description="`csv` or JSON lines")]


TEXT = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))


@dataclass
class TakesSheet(Operation):
    """Tells OpenAPI of a body that is not JSON."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content=dict.fromkeys(MEDIA_TYPES, TEXT), required=True)


@dataclass
class GivesSheet(Operation):
    """Tells OpenAPI of an answer that is not JSON."""

    def __post_init__(self) -> None:
        sheet = OpenAPIResponse(description="A sheet", content=dict.fromkeys(("text/csv", "application/jsonl"), TEXT))
        self.responses = {**(self.responses or {}), "200": sheet}


@post(
    "/api/v1/seller/imports",
    opt=for_sellers(WRITE, refuses=(*NOT_SELLING, ImportUnreadable)),
    operation_class=TakesSheet,
    status_code=202,
)
async def import_sheet(request: AnyRequest, counter: NamedCounter, user_id: UserId) -> Import:
    """Bring in items as CSV or JSON lines, in the shape of an export. New references become new items, known ones are
    changed. It is taken in by and by: ask for its progress.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise ImportUnreadable("the Content-Type is text/csv or application/jsonl", known=sorted(MEDIA_TYPES))
    sheet = MEDIA_TYPES[media_type]
    source = await request.body()
    entries = await asyncio.to_thread(read_sheet, sheet, source)
    async with counter.database.unit() as unit:
        return await importing.accept(unit, user_id, sheet, source, entries=len(entries))


@get("/api/v1/seller/imports", opt=for_sellers(READ, refuses=(SellerUnknown, CursorMalformed)))
async def list_imports(
    counter: NamedCounter, user_id: UserId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> Page[Import]:
    """One's imports, newest first."""
    seller = await counter.seller_of(user_id)
    before = None if cursor is None else from_cursor(cursor, UUID)
    async with counter.database.reading() as connection:
        found = await imports.of_seller(connection, seller.seller_id, before=before, limit=limit)
    return paginate(found, limit=limit, key=lambda one: one.id)


@get("/api/v1/seller/imports/{import_id:uuid}", opt=for_sellers(READ, refuses=(SellerUnknown, ImportMissing)))
async def show_import(import_id: ImportId, counter: NamedCounter, user_id: UserId) -> Import:
    """How far it is."""
    seller = await counter.seller_of(user_id)
    async with counter.database.reading() as connection:
        return await imports.find(connection, import_id, seller.seller_id)


@get(
    "/api/v1/seller/imports/{import_id:uuid}/faults",
    opt=for_sellers(READ, refuses=(SellerUnknown, ImportMissing, CursorMalformed)),
)
async def list_faults(
    import_id: ImportId, counter: NamedCounter, user_id: UserId, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> Page[Fault]:
    """Every row that was not taken in, and why, by line."""
    seller = await counter.seller_of(user_id)
    after = 0 if cursor is None else from_cursor(cursor, LineNumber)
    async with counter.database.reading() as connection:
        await imports.find(connection, import_id, seller.seller_id)
        found = await imports.faults(connection, import_id, after=after, limit=limit)
    return paginate(found, limit=limit, key=lambda fault: fault.line)


@get(
    "/api/v1/seller/exports",
    opt=for_sellers(READ, refuses=(SellerUnknown,)),
    operation_class=GivesSheet,
)
async def export_sheet(counter: NamedCounter, user_id: UserId, format_: AsFormat = "csv") -> Stream:
    """All of one's items, in a shape that can be imported again."""
    seller = await counter.seller_of(user_id)
    media_type = "text/csv" if format_ == "csv" else "application/jsonl"
    headers = {"content-disposition": f'attachment; filename="items.{format_}"'}
    return Stream(_written(counter, seller.seller_id, format_), media_type=media_type, headers=headers)


async def _written(counter: Counter, seller_id: UUID, sheet: SheetFormat) -> AsyncIterator[bytes]:
    if sheet == "csv":
        yield header_row()
    write = to_rows if sheet == "csv" else to_line
    before: UUID | None = None
    while True:
        async with counter.database.reading() as connection:
            found = await items.of_seller(connection, seller_id, status=None, before=before, limit=EXPORTED_AT_ONCE)
            levels = await stock.of_items(connection, [item.id for item in found])
        if not found:
            return
        on_hand = {sku: level.on_hand for sku, level in levels.items()}
        yield b"".join(write(sheet_of(item, on_hand)) for item in found)
        before = found[-1].id


SHEETS = (import_sheet, list_imports, show_import, list_faults, export_sheet)
