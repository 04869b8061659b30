"""Listeners of this process: every message once, in memory only."""

import asyncio
import logging

from services.chassis.bus.handling import Done, attempt
from services.chassis.bus.port import Handler
from services.contracts.message import Message

_BACKLOG = 10_000


class Listener:
    """One call of `listen`. When it falls behind too far it loses the oldest."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds
        self._heard: asyncio.Queue[Message | None] = asyncio.Queue(_BACKLOG)

    def wants(self, message: Message) -> bool:
        """Whether it would hear this."""
        return message.kind in self._kinds

    def hear(self, message: Message | None) -> None:
        """None ends it, after what was heard before."""
        if self._heard.full():
            self._heard.get_nowait()
        self._heard.put_nowait(message)

    async def run(self, handle: Handler) -> None:
        """Until it is ended; one try a message, whatever comes of it."""
        while (message := await self._heard.get()) is not None:
            outcome = await attempt(handle, message)
            if not isinstance(outcome, Done):
                logging.getLogger(__name__).warning("a listener failed", extra={"reason": outcome.reason})
