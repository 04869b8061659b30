"""`python -m services run`: killed, interrupted, started again, and told nonsense."""

import asyncio
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from msgspec import Struct

from services.chassis.http.pages import Page
from services.chassis.ids import uuid7
from services.chassis.wire.origin import Origin
from services.chassis.wire.port import UpstreamError
from services.chassis.wire.upstream import TcpUpstream
from services.launch.embedded import LOOPBACK
from services.launch.names import RUNNABLE
from services.orders.domain.views import CheckoutView, OrderView
from tests.launch.digests import digests
from tests.launch.guest import Guest, Heard, until
from tests.launch.process import ROOT, ran, running
from tests.launch.shop import HOME, Market, Seller, fill_cart, list_item, stock_of
from tests.launch.test_buying import Books
from tests.servers.ports import answers, free_port

pytestmark = pytest.mark.embedded

PURCHASES = 16
ACKNOWLEDGED_FIRST = 3
ON_HAND = 50
UNDER_WAY_S = 0.3
FAST_S = 15
"""On a machine that does other things too; mostly it is two."""
KEPT = ("auth.users", "items.items", "items.stock", "orders.orders", "orders.ledger", "users.profiles")
STATES = frozenset(
    {"completed", "delivered", "shipped", "processing", "paid", "cancelled", "expired", "payment_failed"}
)
"""Some of those that an order of the demonstration shop can be found in."""


class Purchase(Struct, frozen=True, kw_only=True):
    """What a buyer is about to ask, and may ask again."""

    buyer: Guest
    cart_id: str
    key: str
    method: str = "tok_visa"

    async def ask(self) -> Heard | None:
        """None if nobody knows what became of it."""
        body = {"cart_id": self.cart_id, "payment_method": self.method, "address": HOME}
        try:
            return await self.buyer.ask("POST", "/api/v1/checkouts", body, headers={"idempotency-key": self.key})
        except UpstreamError:
            return None

    async def told(self) -> CheckoutView | None:
        """The one reply to its key, as soon as there is one."""
        heard = await self.ask()
        return heard.told(CheckoutView) if heard is not None and heard.code != "idempotency_key_in_flight" else None


async def stocked(market: Market) -> Seller:
    """With one thing on sale."""
    await market.open()
    seller = await market.seller("Potter")
    await list_item(seller, "Sturdy bowl", "BOWL", on_hand=ON_HAND)
    return seller


async def purchase(buyer: Guest, method: str = "tok_visa") -> Purchase:
    return Purchase(buyer=buyer, cart_id=str((await fill_cart(buyer, "BOWL")).id), key=uuid7().hex, method=method)


async def asked_until_some_are_answered(purchases: Sequence[Purchase]) -> list[asyncio.Task[Heard | None]]:
    """All at once; the others are under way."""
    asking = [asyncio.create_task(one.ask()) for one in purchases]

    async def enough() -> bool | None:
        return True if sum(task.done() for task in asking) >= ACKNOWLEDGED_FIRST else None

    await until(enough)
    return asking


async def ended(buyer: Guest) -> list[OrderView] | None:
    """Their orders, once none is on its way any more."""
    orders = (await buyer.get("/api/v1/orders?limit=100")).told(Page[OrderView]).items
    return None if any(order.state == "pending_payment" for order in orders) else orders


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def market(port: int) -> AsyncIterator[Market]:
    """Whoever is in it goes on where they were when Souk has been started again."""
    gateway = TcpUpstream(Origin(host=LOOPBACK, port=port))
    yield Market(gateway)
    await gateway.close()


async def test_what_was_acknowledged_survives_a_kill_and_what_was_not_happens_once(
    tmp_path: Path, port: int, market: Market
) -> None:
    async with running(tmp_path / "souk", port, "--empty") as souk:
        seller = await stocked(market)
        buyers = [await market.buyer() for _ in range(4)]
        purchases = [await purchase(buyer) for buyer in buyers for _ in range(PURCHASES // len(buyers))]
        asking = await asked_until_some_are_answered(purchases)
        await souk.killed()
        heard = await asyncio.gather(*asking)

    async with running(tmp_path / "souk", port, "--empty"):
        resumed = {order.checkout_id for buyer in buyers for order in await until(partial(ended, buyer))}
        replies = [await until(one.told) for one in purchases]
        level = await stock_of(seller, "BOWL")
        books = (await market.staff.get("/api/v1/staff/ledger")).told(Books)

    acknowledged = {one.told(CheckoutView).id for one in heard if one is not None}
    assert ACKNOWLEDGED_FIRST <= len(acknowledged) < PURCHASES
    assert acknowledged <= resumed
    assert acknowledged <= {reply.id for reply in replies}
    assert [reply.state for reply in replies] == ["confirmed"] * PURCHASES
    assert (level.on_hand, level.reserved) == (ON_HAND - PURCHASES, 0)
    assert books.sums == {"EUR": 0}


async def test_ctrl_c_lets_what_is_under_way_end(tmp_path: Path, port: int, market: Market) -> None:
    async with running(tmp_path / "souk", port, "--empty") as souk:
        await stocked(market)
        slow = await purchase(await market.buyer(), method="tok_slow")
        asking = asyncio.create_task(slow.ask())
        await asyncio.sleep(UNDER_WAY_S)
        answered_early = asking.done()
        souk.interrupt()
        heard = await asking
        ended = await souk.ended()

    assert not answered_early
    assert heard is not None
    assert heard.told(CheckoutView).state in {"confirmed", "created", "stock_held"}
    assert (ended.status, ended.err) == (0, "")
    assert not answers(port)


async def test_a_second_ctrl_c_waits_for_nothing(tmp_path: Path, port: int, market: Market) -> None:
    async with running(tmp_path / "souk", port, "--empty") as souk:
        await stocked(market)
        slow = await purchase(await market.buyer(), method="tok_slow")
        asking = asyncio.create_task(slow.ask())
        await asyncio.sleep(UNDER_WAY_S)
        souk.interrupt()
        await souk.until_it_says("Finishing what is under way")
        souk.interrupt()
        ended = await souk.ended()
        await asking

    assert (ended.status, ended.err) == (130, "")


async def test_ctrl_c_during_the_first_start_leaves_nothing_half_made(tmp_path: Path, port: int) -> None:
    async with running(tmp_path / "souk", port, ready="items") as souk:
        souk.interrupt()
        ended = await souk.ended()

    assert (ended.status, ended.err) == (0, "")
    assert "the next start begins anew" in ended.out
    assert not (tmp_path / "souk").exists()


async def test_a_first_start_that_was_interrupted_is_made_again_and_the_next_is_fast(tmp_path: Path, port: int) -> None:
    data = tmp_path / "souk"
    async with running(data, port, ready="items") as souk:
        await souk.killed()
    half_made = data.exists()

    async with running(data, port) as souk:
        seeded = souk.said("First start")
        await until(lambda: in_every_state(data))
        souk.interrupt()
        first = await souk.ended()
    before = digests(data)
    began = time.monotonic()
    async with running(data, port) as souk:
        started_s = time.monotonic() - began
        again = souk.said("First start")
        souk.interrupt()
        await souk.ended()

    assert (half_made, seeded, again) == (False, True, False)
    assert first.status == 0
    assert started_s < FAST_S
    after = digests(data)
    assert [table for table in KEPT if before[table] != after[table]] == []


async def in_every_state(data: Path) -> bool | None:
    """What has expired counts as such a moment after the start."""
    with closing(sqlite3.connect(f"file:{data / 'orders.db'}?mode=ro", uri=True)) as connection:
        found = {str(state) for (state,) in connection.execute("SELECT DISTINCT state FROM orders")}
    return True if found >= STATES else None


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = await ran("run", "--port", str(port), "--data", str(tmp_path / "souk"))

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == f"port {port} is taken by another program: choose another\n"
    assert not (tmp_path / "souk.new").exists()


async def test_a_folder_that_another_souk_works_on_is_left_alone(tmp_path: Path, port: int) -> None:
    async with running(tmp_path / "souk", port, "--empty"):
        ended = await ran("run", "--port", "0", "--data", str(tmp_path / "souk"), "--empty")

    assert (ended.status, ended.out) == (1, "")
    assert ended.err == f"another Souk works on {tmp_path / 'souk'}: stop it, or choose another folder with --data\n"


WRONG_PLACES = (
    (("--port", "70000"), 2, "'70000' is no port"),
    (("--host", "192.0.2.1"), 1, "cannot listen at 192.0.2.1"),
    (("--data", "/dev/null/souk"), 1, "the folder /dev/null/souk cannot be used"),
)


@pytest.mark.parametrize(("options", "status", "message"), WRONG_PLACES)
async def test_a_place_that_cannot_be_is_said(
    tmp_path: Path, options: Sequence[str], status: int, message: str
) -> None:
    ended = await ran("run", "--empty", "--port", "0", "--data", str(tmp_path / "souk"), *options)

    assert ended.status == status
    assert message in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("name", RUNNABLE)
async def test_every_setting_at_fault_is_named(name: str) -> None:
    ended = await ran(name, "api", SOUK_DATABASE_POOL="many", SOUK_BUS_URL="amqp://localhost", SOUK_LOG_LEVEL="LOUD")

    named = {line.split()[0].rstrip(":") for line in ended.err.splitlines()[1:]}
    assert ended.status == 78
    assert {"SOUK_DATABASE_URL", "SOUK_KEYS_DIR", "SOUK_DATABASE_POOL", "SOUK_LOG_LEVEL"} <= named
    assert "SOUK_BUS_URL" not in named
    assert "Traceback" not in ended.err


async def test_make_run_listens_where_port_says() -> None:
    process = await asyncio.create_subprocess_exec(
        "make", "--dry-run", "run", "PORT=8123", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )

    told, _ = await process.communicate()

    assert b"services run --port 8123" in told
