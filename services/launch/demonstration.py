"""`make run`: makes the demonstration shop at the first start, then serves it until told to stop."""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from services.chassis.clock import utc_now
from services.chassis.memory import keep_what_is_loaded
from services.chassis.serving import bind, until_told_to_stop
from services.chassis.telemetry.logs import start_logging
from services.chassis.wire.origin import Origin, read_origin
from services.chassis.wire.upstream import TcpUpstream
from services.launch.embedded import LOOPBACK, Place, embedded
from services.launch.folder import hold
from services.launch.seed.filling import fill_shop
from services.launch.seed.people import BUYERS, PASSWORD, SELLER_EMAILS, STAFF_EMAIL
from services.launch.seed.trading import Market
from services.launch.seed.visitor import Visitor

PAST = timedelta(minutes=20)
"""The demonstration begins this long ago, so that holds which nobody paid for can have expired by now."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What `python -m services run` was asked for."""

    data: Path
    host: str
    port: int
    seeded: bool


class PastClock:
    """Begins in the past and can be moved on, up to the present."""

    def __init__(self, behind: timedelta) -> None:
        self._behind = behind

    def __call__(self) -> datetime:
        """The time in the shop."""
        return utc_now() - self._behind

    def catch_up(self) -> None:
        """From now on it is the present."""
        self._behind = timedelta()


async def run(wanted: Wanted) -> None:
    """Until SIGINT or SIGTERM. Raises `CannotStart`."""
    start_logging("souk", level="WARNING")
    place = Place(data=wanted.data, host=wanted.host, port=wanted.port)
    with until_told_to_stop() as stop:
        if wanted.seeded and not wanted.data.exists():
            bind(wanted.host, wanted.port).close()  # Rather now than when the shop has been made.
            if not await _finished(_make(wanted.data), unless=stop):
                _say("Stopped before the shop was there; the next start begins anew")
                return
        async with embedded(place) as whole:
            _say(_welcome(whole.ports.public, seeded=wanted.seeded))
            keep_what_is_loaded()
            await stop.wait()
            _say("Finishing what is under way …")


async def _finished(work: Coroutine[object, object, None], *, unless: asyncio.Event) -> bool:
    """False if it had to be given up."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(unless.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait({working})
        return False
    working.result()
    return True


async def _make(data: Path) -> None:
    """Beside `data` first, so that an interrupted start leaves nothing half made."""
    draft = data.with_name(f"{data.name}.new")
    with hold(draft):
        shutil.rmtree(draft)
    started = time.monotonic()
    _say("First start: making the demonstration shop")
    clock = PastClock(PAST)
    async with embedded(Place(data=draft, draft=True), clock=clock) as whole:
        gateway = TcpUpstream(Origin(host=LOOPBACK, port=whole.ports.public))
        bank_door = TcpUpstream(Origin(host=LOOPBACK, port=whole.ports.sandbox))
        bank = Visitor(bank_door, name="bank")
        bank.show(whole.secrets.sandbox_api_key)
        await fill_shop(gateway, _say_step)
        market = Market(gateway, bank, clock.catch_up)
        await market.open()
        _say_step(f"{await market.trade()} purchases")
        await asyncio.gather(gateway.close(), bank_door.close())
    await asyncio.to_thread(_flush, draft)
    draft.rename(data)
    _say(f"  done in {time.monotonic() - started:.1f} s")


def _flush(folder: Path) -> None:
    for path in folder.rglob("*.db"):
        with path.open("rb") as file:
            os.fsync(file)


async def seed(url: str) -> None:
    """Make the demonstration shop on an empty Souk that runs elsewhere and has its staff account.

    Nothing is disputed there, since that takes the payment provider's key, and nothing has expired yet.
    """
    gateway = TcpUpstream(read_origin(url))
    await fill_shop(gateway, _say_step)
    market = Market(gateway, None, lambda: None)
    await market.open()
    _say_step(f"{await market.trade()} purchases")
    await gateway.close()


def _welcome(port: int, *, seeded: bool) -> str:
    site = f"http://127.0.0.1:{port}"
    lines = [
        f"Souk is at {site}/api/v1",
        f"  API documentation  {site}/api/v1/docs",
        f"  captured mail      {site}/api/v1/auth/captured-mails",
    ]
    if seeded:
        lines += [
            "Log-ins, all with the password " + PASSWORD,
            f"  staff    {STAFF_EMAIL}",
            f"  sellers  {', '.join(SELLER_EMAILS[:3])}, …",
            f"  buyers   {', '.join(buyer.email for buyer in BUYERS[:3])}, …",
        ]
    return "\n".join([*lines, "Ctrl-C stops it."])


def _say_step(line: str) -> None:
    _say(f"  {line}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
