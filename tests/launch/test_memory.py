"""How much memory Souk holds after it has been used: as single processes on real servers, and embedded."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from services.chassis.ids import uuid7
from services.chassis.wire.origin import read_origin
from services.chassis.wire.upstream import TcpUpstream
from tests.bench.processes import Tree, answers_ok, python, start
from tests.bench.souk import BROWSING, PEOPLE, TRADING, Servers, Souk
from tests.launch.shop import CATEGORIES, Market, list_item
from tests.servers.ports import free_port
from tests.servers.run import Run

SERVICE_MIB = 100
EMBEDDED_MIB = 250
ITEMS = 6
LOOKS = 400
LOG_INS = 20
PURCHASES = 40
AT_ONCE = 8
START_S = 120.0


@pytest.fixture
def run() -> Iterator[Run]:
    """Its processes end with the test."""
    with Run() as begun:
        yield begun


@asynccontextmanager
async def opened(origin: str, categories: Sequence[Mapping[str, str]]) -> AsyncIterator[Market]:
    gateway = TcpUpstream(read_origin(origin))
    try:
        market = Market(gateway)
        await market.open(categories)
        yield market
    finally:
        await gateway.close()


async def use(market: Market) -> None:
    """Sell, look, search, log in and buy, some at a time and each look for something new."""
    seller, buyer = await market.seller("Potter"), await market.buyer()
    items = [await list_item(seller, f"Bowl {number}", f"BOWL-{number}") for number in range(ITEMS)]
    targets = (
        "/api/v1/items?n=",
        *(f"/api/v1/pages/items/{item.id}?n=" for item in items),
        "/api/v1/search?text=bowl&n=",
    )

    async def look(number: int) -> None:
        (await market.visitor().get(f"{targets[number % len(targets)]}{number}")).told(object)

    async def log_in(_number: int) -> None:
        await market.visitor().log_in(buyer.email)

    async def purchase(number: int) -> None:
        await market.bought(buyer, f"BOWL-{number % ITEMS}")

    for act, times in ((look, LOOKS), (log_in, LOG_INS), (purchase, PURCHASES)):
        await some_at_a_time(act, times)


async def some_at_a_time(act: Callable[[int], Awaitable[None]], times: int) -> None:
    for begin in range(0, times, AT_ONCE):
        await asyncio.gather(*(act(number) for number in range(begin, min(begin + AT_ONCE, times))))


def start_all(souk: Souk) -> list[Tree]:
    souk.migrate()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(souk.start, (*PEOPLE, *BROWSING, *TRADING)))


@pytest.mark.servers
async def test_each_process_of_a_service_holds_less_than_100_mib(
    run: Run, postgres_url: str, redis_url: str, rabbitmq_url: str, elasticsearch_url: str
) -> None:
    servers = Servers(postgres=postgres_url, redis=redis_url, rabbitmq=rabbitmq_url, elasticsearch=elasticsearch_url)
    souk = Souk(run, servers, prefix=f"memory_{uuid7().hex}_")
    trees = await asyncio.to_thread(start_all, souk)

    async with opened(souk.origin("gateway"), CATEGORIES) as market:
        await use(market)

    held = {tree.name: round(tree.resident_mib()) for tree in trees}
    assert {name: mib for name, mib in held.items() if mib >= SERVICE_MIB} == {}, held


@pytest.mark.embedded
async def test_all_of_souk_in_one_process_holds_less_than_250_mib(run: Run) -> None:
    port = free_port()
    command = python("-m", "services", "run", "--port", str(port), "--data", str(run.root / "var"))
    tree = await asyncio.to_thread(
        start,
        run,
        "souk",
        command,
        environment={},
        ready=lambda: answers_ok(port, "/health/ready"),
        timeout_s=START_S,
    )

    async with opened(f"http://127.0.0.1:{port}", ()) as market:
        await use(market)

    held = tree.resident_mib()
    assert held < EMBEDDED_MIB
