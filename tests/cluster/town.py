"""Who is in the shop and what is sold there: a member of staff, a seller, buyers; items as tests want them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import msgspec

from services.chassis.ids import uuid7
from services.chassis.wire.origin import read_origin
from services.chassis.wire.pool import PoolLimits
from services.chassis.wire.port import Upstream
from services.chassis.wire.upstream import TcpUpstream
from services.items.domain.imports import Import
from services.launch.seed.people import PASSWORD, STAFF_EMAIL
from services.orders.domain.views import CartView
from services.users.api.shop import SellerView
from tests.launch.guest import Guest, until

SELLER = "seller@town.example"
BUYERS = tuple(f"buyer{number}@town.example" for number in range(8))
CATEGORY = "goods"
PRICE_MINOR = 1500
PATIENCE_S = 120.0
_LIMITS = ("credentials", "search", "checkout", "import")


@asynccontextmanager
async def reach(origin: str, *, connections: int = 128) -> AsyncIterator[Upstream]:
    """A way to a process over the network, for so many at once."""
    upstream = TcpUpstream(read_origin(origin), PoolLimits(connections=connections))
    try:
        yield upstream
    finally:
        await upstream.close()


async def found(gateway: Upstream) -> None:
    """Accounts, a category, and a seller who may sell."""
    staff = await enter(gateway, STAFF_EMAIL)
    for name in _LIMITS:
        limit = {"name": name, "burst": 1_000_000, "per_s": 1}
        (await staff.ask("PUT", "/api/v1/gateway/overrides/limits", limit)).told(object)
    (await staff.post("/api/v1/staff/categories", {"slug": CATEGORY, "name": "Goods"})).told(object)
    for email in (SELLER, *BUYERS):
        account = {"email": email, "display_name": email, "password": PASSWORD}
        (await staff.post("/api/v1/auth/users", account)).told(object)
    seller = await enter(gateway, SELLER)
    applied = (await seller.post("/api/v1/sellers", {"name": "The Potter", "country": "DE"})).told(SellerView)
    approval = await staff.post(f"/api/v1/staff/sellers/{applied.id}/approve", {"version": applied.version})
    approval.told(object)
    await until(lambda: _may_sell(seller), timeout_s=PATIENCE_S)


async def _may_sell(seller: Guest) -> bool | None:
    await seller.log_in(SELLER, PASSWORD)  # The role is in tokens from after the approval.
    heard = [await seller.get(f"/api/v1/seller/{desk}") for desk in ("items", "orders")]
    return True if {one.status for one in heard} == {200} else None


async def enter(gateway: Upstream, email: str) -> Guest:
    """Someone logged in."""
    guest = Guest(gateway)
    await guest.log_in(email, PASSWORD)
    return guest


async def enter_all(gateway: Upstream) -> list[Guest]:
    """Every buyer."""
    return [await enter(gateway, email) for email in BUYERS]


def fresh_skus(name: str, count: int) -> list[str]:
    """Which no other test knows."""
    run = uuid7().hex[-8:].upper()
    return [f"{name}-{run}-{number}" for number in range(count)]


async def sell(gateway: Upstream, stock: Mapping[str, int]) -> Mapping[str, UUID]:
    """Put these SKUs on sale, each an item of its own; returns when carts take them. Items by SKU."""
    seller = await enter(gateway, SELLER)
    sheet = b"\n".join(msgspec.json.encode(_row(sku, on_hand)) for sku, on_hand in stock.items())
    sent = await seller.ask("POST", "/api/v1/seller/imports", sheet, headers={"content-type": "application/jsonl"})
    target = f"/api/v1/seller/imports/{sent.told(Import).id}"

    async def taken_in() -> Import | None:
        progress = (await seller.get(target)).told(Import)
        return progress if progress.finished_at else None

    assert (await until(taken_in, timeout_s=PATIENCE_S)).faulty == 0
    return {sku: await until(partial(_item_in_carts, seller, sku), timeout_s=PATIENCE_S) for sku in stock}


async def _item_in_carts(guest: Guest, sku: str) -> UUID | None:
    """What a cart takes the SKU for, once orders knows that it is on sale."""
    heard = await guest.post("/api/v1/carts", {"lines": [{"sku": sku, "quantity": 1}]})
    return heard.told(CartView).lines[0].item_id if heard.status == 201 else None


def _row(sku: str, on_hand: int) -> dict[str, object]:
    return {
        "reference": sku,
        "title": sku,
        "currency": "EUR",
        "description": "One of many.",
        "category": CATEGORY,
        "tax_rate_bp": 1900,
        "status": "published",
        "variants": [{"sku": sku, "price_minor": PRICE_MINOR, "on_hand": on_hand}],
    }
