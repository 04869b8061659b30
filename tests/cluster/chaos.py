"""Processes of Souk that die at random, and are started again as an orchestrator would."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from tests.cluster.cluster import PROCESSES, Cluster

AWAY_MOST = 3
"""Where starting takes longer than the time between two kills, there must be somebody left to talk to."""


@asynccontextmanager
async def processes_dying(cluster: Cluster, dice: random.Random, *, every_s: float) -> AsyncIterator[Sequence[str]]:
    """While the block runs, one process after the other; afterwards all of them are there again. The victims so far.

    Raises `ServerFailed`, in a group, for a process that does not come back.
    """
    victims: list[str] = []
    over = asyncio.Event()
    killing = asyncio.create_task(_kill(over, cluster, dice, victims, every_s=every_s))
    try:
        yield victims
    finally:
        over.set()
        await killing


async def _kill(
    over: asyncio.Event, cluster: Cluster, dice: random.Random, victims: list[str], *, every_s: float
) -> None:
    away: set[str] = set()

    async def replace(victim: str) -> None:
        await asyncio.to_thread(cluster.kill, victim)
        await asyncio.to_thread(cluster.restart, victim)
        away.remove(victim)

    async with asyncio.TaskGroup() as group:
        while not over.is_set():
            if len(away) < AWAY_MOST:
                victim = dice.choice([name for name in PROCESSES if name not in away])
                away.add(victim)
                victims.append(victim)
                group.create_task(replace(victim))
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await over.wait()
