"""A load that counts itself and can be held back."""

import asyncio
from collections.abc import Callable


class CountedLoad:
    def __init__(self, *values: bytes) -> None:
        self.calls = 0
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self._values = list(values)

    async def __call__(self) -> bytes:
        self.calls += 1
        self.begun.set()
        value = self._values[min(self.calls, len(self._values)) - 1]
        await self.gate.wait()
        return value


class Broken(Exception):
    """What a load may raise."""


async def broken_load() -> bytes:
    raise Broken


async def settle() -> None:
    """Let what is ready to run, run; over loopback too."""
    await asyncio.sleep(0.05)


async def until(happened: Callable[[], bool], *, timeout_s: float = 5.0) -> None:
    """Look every hundredth of a second."""
    for _ in range(int(timeout_s * 100)):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError
