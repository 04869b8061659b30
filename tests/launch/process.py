"""Souk as a process of its own, as whoever types `python -m services run` has it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0


class Ended(Struct, frozen=True, kw_only=True):
    """How a process went."""

    status: int
    out: str
    err: str


def _environment(**told: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOUK_")}
    return {**kept, "PYTHONUNBUFFERED": "1", **told}


async def _start(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services", *arguments),
        cwd=ROOT,
        env=_environment(**environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ran(*arguments: str, **environment: str) -> Ended:
    """What ends by itself."""
    process = await _start(*arguments, **environment)
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    return Ended(status=process.returncode or 0, out=out.decode(), err=err.decode())


class Running:
    """Until it is killed or told to stop."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said: list[str] = []

    async def until_it_says(self, wanted: str) -> None:
        """A line with this on standard output. Fails if the process ends first."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while not any(wanted in line for line in self._said):
                line = await self._process.stdout.readline()
                assert line, f"it ended: {self._said}"
                self._said.append(line.decode())

    def said(self, wanted: str) -> bool:
        """Whether it has, as far as anybody listened."""
        return any(wanted in line for line in self._said)

    async def killed(self) -> None:
        """SIGKILL: it has no say."""
        self._process.kill()
        await self._process.communicate()

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    async def ended(self) -> Ended:
        """By itself."""
        out, err = await asyncio.wait_for(self._process.communicate(), PATIENCE_S)
        return Ended(status=self._process.returncode or 0, out=out.decode(), err=err.decode())

    @property
    def alive(self) -> bool:
        return self._process.returncode is None


@asynccontextmanager
async def running(data: Path, port: int, *options: str, ready: str = "Ctrl-C stops it") -> AsyncIterator[Running]:
    """From the moment it says `ready`; killed at the end if it is still there."""
    souk = Running(await _start("run", "--port", str(port), "--data", str(data), *options))
    try:
        await souk.until_it_says(ready)
        yield souk
    finally:
        if souk.alive:
            await souk.killed()
