"""Buyers who look around and buy while a test does things to Souk; each answer is counted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.chassis.ids import uuid7
from services.chassis.wire.origin import read_origin
from services.chassis.wire.pool import PoolLimits
from services.chassis.wire.port import Upstream, UpstreamError
from services.chassis.wire.upstream import TcpUpstream
from tests.lab.souk.installation import GATEWAY, Installation
from tests.lab.souk.smoke import open_shop
from tests.launch.guest import Guest
from tests.launch.shop import LIMITS, ROOMY, Market, list_item

SHOPPERS = 4
PAUSE_S = 0.2
PATIENT = PoolLimits(connections=32, connect_s=10.0)
"""The machine is busy with starting processes: that a connection takes its time says nothing of Souk."""
STOCK = 1_000_000


class Shoppers:
    """What they were answered, by what they did: `search 200`."""

    def __init__(self, market: Market, sku: str) -> None:
        self.heard: Counter[str] = Counter()
        self._market = market
        self._sku = sku
        self._leave = asyncio.Event()

    @property
    def failures(self) -> dict[str, int]:
        """Answers that no buyer should get, and those that never came."""
        return {what: count for what, count in self.heard.items() if not what.split()[1].startswith("2")}

    async def shop(self) -> None:
        """Until they are told to leave, one after the other of what there is to do."""
        buyer = await self._market.buyer(f"shopper-{uuid7().hex[-12:]}")
        while not self._leave.is_set():
            await self._do("browse", buyer, "GET", "/api/v1/items")
            await self._do("search", buyer, "GET", f"/api/v1/search?text={self._sku}")
            await self._do("orders", buyer, "GET", "/api/v1/orders")
            await self._do("cart", buyer, "POST", "/api/v1/carts", {"lines": [{"sku": self._sku, "quantity": 1}]})
            await asyncio.sleep(PAUSE_S)

    def leave(self) -> None:
        """As soon as they have been answered."""
        self._leave.set()

    async def _do(self, what: str, buyer: Guest, method: str, target: str, body: object = None) -> None:
        try:
            status = str((await buyer.ask(method, target, body)).status)
        except (UpstreamError, OSError) as failed:
            status = f"unanswered ({failed})"
        self.heard[f"{what} {status}"] += 1


@asynccontextmanager
async def shoppers(souk: Installation) -> AsyncIterator[Shoppers]:
    """While the block runs, they are in the shop."""
    gateway = TcpUpstream(read_origin(GATEWAY), PATIENT)
    try:
        all_of_them = await _gather(gateway, souk)
        async with asyncio.TaskGroup() as group:
            for _ in range(SHOPPERS):
                group.create_task(all_of_them.shop())
            try:
                yield all_of_them
            finally:
                all_of_them.leave()
    finally:
        await gateway.close()


async def _gather(gateway: Upstream, souk: Installation) -> Shoppers:
    """In front of something that is on sale."""
    market = await _lift_limits(gateway, souk)
    seller = await market.seller(f"potter-{uuid7().hex[-12:]}")
    sku = f"BOWL-{uuid7().hex[-12:].upper()}"
    await list_item(seller, f"Bowl {sku}", sku, on_hand=STOCK)
    return Shoppers(market, sku)


async def _lift_limits(gateway: Upstream, souk: Installation) -> Market:
    """Those that would stop so many from one address."""
    market = await open_shop(gateway, souk.platform.staff())
    for name in LIMITS:
        override = {"name": name, "burst": ROOMY, "per_s": 60}
        (await market.staff.ask("PUT", "/api/v1/gateway/overrides/limits", override)).told(object)
    return market
