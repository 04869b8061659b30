"""Fills an empty shop: people, sellers, items, then orders in every state."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from services.chassis.wire.port import Upstream
from services.launch.seed.catalogue import CATEGORIES, Item, items_of
from services.launch.seed.people import BUYERS, PASSWORD, STAFF_EMAIL, email_of
from services.launch.seed.visitor import UnexpectedReply, Visitor
from services.launch.seed.workshops import WORKSHOPS, Workshop

POLL_S = 0.1
PATIENCE_S = 60.0
CURRENCY = "EUR"
TAX_RATE_BP = 1900

Advance = Callable[[timedelta], None]
"""Moves the shop's clock on."""


class _Shop(Struct, frozen=True, kw_only=True):
    id: UUID
    version: int
    state: str


class _Import(Struct, frozen=True, kw_only=True):
    id: UUID
    finished_at: str | None
    faulty: int
    created: int


async def fill_shop(gateway: Upstream, say: Callable[[str], None]) -> None:
    """People, sellers and their items. The staff account must be there."""
    staff = Visitor(gateway, name="staff")
    await staff.log_in(STAFF_EMAIL, PASSWORD)
    for category in CATEGORIES:
        body = {"slug": category.slug, "name": category.name, "parent": category.parent}
        await staff.do("POST", "/api/v1/staff/categories", body)
    say(f"{len(BUYERS)} buyers and {len(WORKSHOPS)} sellers")
    for buyer in BUYERS:
        await _make_user(staff, buyer.email, buyer.name)
    sellers = [await _open_workshop(gateway, staff, workshop) for workshop in WORKSHOPS]
    # By the time that the last has been approved, the first are known to be sellers everywhere.
    for seller, workshop in zip(sellers, WORKSHOPS, strict=True):
        await _until_seller(seller, email_of(workshop))
    say(f"{sum(len(list(items_of(workshop))) for workshop in WORKSHOPS)} items")
    imports = [await _hand_in(seller, workshop) for seller, workshop in zip(sellers, WORKSHOPS, strict=True)]
    for seller, begun in zip(sellers, imports, strict=True):
        await _until_read(seller, begun)


async def _make_user(staff: Visitor, email: str, name: str) -> None:
    body = {"email": email, "display_name": name, "password": PASSWORD, "roles": ["buyer"]}
    await staff.do("POST", "/api/v1/auth/users", body)


async def _open_workshop(gateway: Upstream, staff: Visitor, workshop: Workshop) -> Visitor:
    email = email_of(workshop)
    await _make_user(staff, email, workshop.owner)
    seller = Visitor(gateway, name=workshop.slug)
    await seller.log_in(email, PASSWORD)
    application = {"name": workshop.name, "slug": workshop.slug, "country": workshop.country, "about": workshop.story}
    shop = await seller.ask("POST", "/api/v1/sellers", _Shop, application)
    await staff.do("POST", f"/api/v1/staff/sellers/{shop.id}/approve", {"version": shop.version})
    return seller


async def _until_seller(seller: Visitor, email: str) -> None:
    """The approval reaches auth and items as an event; a token from after that carries the role."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await seller.log_in(email, PASSWORD)
            if (await seller.send("GET", "/api/v1/seller/items")).status == 200:  # noqa: PLR2004 - OK.
                return
            await asyncio.sleep(POLL_S)


async def _hand_in(seller: Visitor, workshop: Workshop) -> UUID:
    """The import of all its items, which are read one import after the other."""
    sheet = b"\n".join(msgspec.json.encode(_row(item)) for item in items_of(workshop))
    reply = await seller.send("POST", "/api/v1/seller/imports", sheet, media_type="application/jsonl")
    return msgspec.json.decode(reply.body, type=_Import).id


async def _until_read(seller: Visitor, begun: UUID) -> None:
    path = f"/api/v1/seller/imports/{begun}"
    async with asyncio.timeout(PATIENCE_S):
        done = await seller.ask("GET", path, _Import)
        while done.finished_at is None:
            await asyncio.sleep(POLL_S)
            done = await seller.ask("GET", path, _Import)
    if done.faulty:
        faults = await seller.send("GET", f"{path}/faults")
        raise UnexpectedReply(f"{path}: {faults.body.decode()}")


def _row(item: Item) -> dict[str, object]:
    return {
        "reference": item.variants[0].sku,
        "title": item.title,
        "currency": CURRENCY,
        "description": item.description,
        "category": item.category,
        "tax_rate_bp": TAX_RATE_BP,
        "attributes": item.attributes,
        "status": "published",
        "variants": [
            {"sku": one.sku, "title": one.title, "price_minor": one.price_minor, "on_hand": one.stock}
            for one in item.variants
        ],
    }
