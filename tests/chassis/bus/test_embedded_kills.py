import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.handling import DELIVERY_LIMIT
from tests.chassis.bus.scene import PATIENCE_S, Recorder, consuming, until_dead

pytestmark = pytest.mark.embedded

SERVICE, KIND = "items", "orders.order.placed"
KILLS = 8


@asynccontextmanager
async def _victim(part: str, file: Path) -> AsyncIterator[asyncio.StreamReader]:
    """Its output; it is killed at the end of the block."""
    arguments = [sys.executable, "-m", "tests.chassis.bus.victim", part, str(file), SERVICE, KIND]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def _first_id(output: asyncio.StreamReader) -> UUID:
    return UUID((await asyncio.wait_for(output.readline(), PATIENCE_S)).decode().strip())


async def _ids(output: asyncio.StreamReader) -> list[UUID]:
    """Those told in whole lines."""
    told = (await output.read()).decode()
    return [UUID(line.strip()) for line in told.splitlines(keepends=True) if line.endswith("\n")]


async def test_what_was_taken_before_a_kill_is_delivered_after_it(tmp_path: Path) -> None:
    chance = random.Random(7)
    taken: list[UUID] = []

    for _ in range(KILLS):
        async with _victim("publish", tmp_path / "bus.db") as output:
            taken.append(await _first_id(output))
            await asyncio.sleep(chance.uniform(0, 0.1))
        taken += await _ids(output)
    bus = EmbeddedBus(tmp_path / "bus.db")
    recorder = Recorder()
    async with consuming(bus, SERVICE, recorder):
        await recorder.reach(len(taken))
        # At most one batch a kill was written and not told.
        await asyncio.sleep(0.5)
    await bus.close()

    assert len(taken) >= KILLS
    assert set(taken) <= set(recorder.ids)
    assert len(recorder.ids) <= len(taken) + 10 * KILLS


async def test_messages_whose_handlers_were_cut_off_by_a_kill_are_delivered_again(tmp_path: Path) -> None:
    async with _victim("publish", tmp_path / "bus.db") as output:
        await _first_id(output)
    async with _victim("consume", tmp_path / "bus.db") as output:
        begun = await _first_id(output)

    bus = EmbeddedBus(tmp_path / "bus.db")
    recorder = Recorder()
    async with consuming(bus, SERVICE, recorder):
        await recorder.reach(1)
        await asyncio.sleep(0.5)
    await bus.close()

    assert begun in recorder.ids


async def test_a_message_that_kills_its_consumers_is_dead_within_the_delivery_limit(tmp_path: Path) -> None:
    async with _victim("publish", tmp_path / "bus.db") as output:
        await _first_id(output)
    killers = []
    for _ in range(1 + DELIVERY_LIMIT):
        async with _victim("consume", tmp_path / "bus.db") as output:
            killers.append(await _first_id(output))

    bus = EmbeddedBus(tmp_path / "bus.db")
    recorder = Recorder()
    async with consuming(bus, SERVICE, recorder):
        dead = await until_dead(bus, SERVICE, 10)
    moved = await bus.redrive(SERVICE)
    async with consuming(bus, SERVICE, recorder):
        await recorder.reach(moved)
    await bus.close()

    assert dead[0].reason == "delivery_limit"
    assert set(killers) <= {found.message.event_id for found in dead}
    assert set(killers) <= set(recorder.ids)
