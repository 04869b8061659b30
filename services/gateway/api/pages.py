"""Pages: what a client would otherwise ask several services for."""

from uuid import UUID

import msgspec
from litestar import get
from litestar.enums import MediaType
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from msgspec import Struct

from services.chassis.http.access import for_anyone
from services.gateway.actions import pages
from services.gateway.api.desk import NamedDesk


class ItemPage(Struct, frozen=True, kw_only=True):
    """Each part as its own route tells it; a part named in `partial` is null because it did not answer."""

    item: dict[str, object]
    seller: dict[str, object] | None
    availability: list[dict[str, object]] | None
    partial: list[str]


@get(
    "/api/v1/pages/items/{item_id:uuid}",
    opt=for_anyone(refuses=(pages.ItemMissing,)),
    responses={200: ResponseSpec(ItemPage, generate_examples=False, description="The item and what belongs to it")},
    media_type=MediaType.JSON,
)
async def show_item_page(item_id: FromPath[UUID], desk: NamedDesk) -> bytes:
    """An item, its seller and what is free of it, in one call."""
    return msgspec.json.encode(await pages.show(desk.reads, item_id))


PAGES = (show_item_page,)
