"""Somebody comes to Souk and buys: the shortest way through all of it, from outside the cluster."""

from functools import partial
from uuid import UUID

from services.chassis.ids import uuid7
from services.chassis.wire.port import Upstream
from services.items.domain.searching import SearchPage
from services.orders.domain.details import OrderDetail
from tests.lab.souk.mails import token_mailed_to
from tests.lab.terminal import CommandFailed, Kubectl
from tests.launch.guest import PASSWORD, Guest, until
from tests.launch.shop import Market, list_item

PATIENCE_S = 120.0
_CATEGORY = {"slug": "kitchen", "name": "Kitchen"}


async def open_shop(gateway: Upstream, staff: tuple[str, str]) -> Market:
    """Staff, by their address and password, and the category that is sold in."""
    market = Market(gateway)
    await market.staff.log_in(*staff)
    made = await market.staff.post("/api/v1/staff/categories", _CATEGORY)
    if made.status not in {201, 409}:  # Another smoke test may have been here.
        made.told(object)
    return market


async def join(market: Market, kubectl: Kubectl) -> Guest:
    """Register, open the mail that comes, and log in."""
    guest = market.visitor()
    email = f"smoke-{uuid7().hex[-12:]}@example.org"
    account = {"email": email, "password": PASSWORD, "display_name": "Ada"}
    (await guest.post("/api/v1/auth/register", account)).told(object)

    async def arrived() -> str | None:
        try:
            return token_mailed_to(email, kubectl)
        except CommandFailed:  # No mail was sent yet, so there is no file.
            return None

    token = await until(arrived, timeout_s=PATIENCE_S)
    (await guest.post("/api/v1/auth/verify", {"token": token})).told(object)
    await guest.log_in(email)
    return guest


async def purchase(market: Market, kubectl: Kubectl) -> OrderDetail:
    """Register, verify, log in, find, put into a cart, check out, pay; the order as its buyer sees it then."""
    seller = await market.seller(f"potter-{uuid7().hex[-12:]}")
    sku = f"JUG-{uuid7().hex[-12:].upper()}"
    jug = await list_item(seller, f"Stoneware jug {sku}", sku)
    buyer = await join(market, kubectl)
    await until(partial(_found, buyer, jug.id, sku), timeout_s=PATIENCE_S)
    bought = await market.bought(buyer, sku)
    return (await buyer.get(f"/api/v1/orders/{bought.orders[0].id}")).told(OrderDetail)


async def _found(buyer: Guest, item: UUID, sku: str) -> bool | None:
    found = (await buyer.get(f"/api/v1/search?text={sku}")).told(SearchPage).items
    return True if any(card.id == item for card in found) else None
