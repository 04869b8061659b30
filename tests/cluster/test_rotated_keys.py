"""Invariant 25: new signing keys for everybody, while everybody works: no request fails."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from services.chassis.identity.keys import ACTIVATION_S, RELOAD_S, KeyRing
from services.chassis.identity.tokens import key_id
from services.chassis.wire.port import Upstream
from tests.cluster.beside import beside
from tests.cluster.cluster import CONSUMERS, Cluster
from tests.cluster.shopping import Wish, buy
from tests.cluster.town import BUYERS, PATIENCE_S, enter, enter_all, fresh_skus, reach, sell
from tests.launch.guest import Guest

SIGNERS = ("gateway", *CONSUMERS)
PAUSE_S = 0.05
LOG_IN_EVERY_S = 0.5
AFTERWARDS_S = 3.0


@pytest.mark.parametrize(
    "old_s",
    [pytest.param(ACTIVATION_S - 2 * RELOAD_S, marks=pytest.mark.servers), pytest.param(0.0, marks=pytest.mark.soak)],
)
async def test_no_request_fails_while_every_service_gets_a_new_signing_key(cluster: Cluster, old_s: float) -> None:
    """`old_s`: how much older the keys seem, so that they begin to sign sooner; all have read them even so."""
    (sku,) = fresh_skus("KEYS", 1)
    async with reach(cluster.gateway) as gateway:
        await sell(gateway, {sku: 10_000})
        async with working(gateway, sku) as statuses:
            await asyncio.gather(*(_rotate(cluster, signer, old_s=old_s) for signer in SIGNERS))
            await asyncio.sleep(ACTIVATION_S - old_s + RELOAD_S + AFTERWARDS_S)
        signed = (await enter(gateway, BUYERS[0])).token

    assert set(statuses) == {200, "ok"}
    assert signed is not None
    assert key_id(signed) == KeyRing(cluster.souk.keys / "auth").signing().kid
    assert len(KeyRing(cluster.souk.keys / "auth").publics()) > 1


async def _rotate(cluster: Cluster, signer: str, *, old_s: float) -> None:
    path = Path((await cluster.operate("new-key", str(cluster.souk.keys / signer))).strip())
    since = time.time() - old_s
    os.utime(path, (since, since))


@asynccontextmanager
async def working(gateway: Upstream, sku: str) -> AsyncIterator[Counter[int | str]]:
    """As long as the block runs, people read, fill carts, buy and log in. How often each outcome was seen."""
    outcomes: Counter[int | str] = Counter()
    buyers = await enter_all(gateway)
    readers = [_repeat(partial(_read, buyer), outcomes) for buyer in buyers[::2]]
    shoppers = [_repeat(partial(_buy, buyer, sku), outcomes) for buyer in buyers[1::2]]
    async with beside(*readers, *shoppers, _log_in_again(gateway, outcomes)):
        yield outcomes


async def _repeat(job: Callable[[], Awaitable[int | str]], outcomes: Counter[int | str]) -> None:
    while True:
        outcomes[await job()] += 1
        await asyncio.sleep(PAUSE_S)


async def _read(guest: Guest) -> int:
    return (await guest.get("/api/v1/users/me")).status


async def _buy(guest: Guest, sku: str) -> str:
    bought = await buy(guest, Wish(lines={sku: 1}, patience_s=PATIENCE_S))
    return str(bought.outcome) if bought.tries == ["201"] else f"{bought.outcome} after {bought.tries}"


async def _log_in_again(gateway: Upstream, outcomes: Counter[int | str]) -> None:
    while True:
        guest = await enter(gateway, BUYERS[-1])
        outcomes[(await guest.get("/api/v1/orders")).status] += 1
        await asyncio.sleep(LOG_IN_EVERY_S)
