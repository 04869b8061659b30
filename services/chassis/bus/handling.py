"""What becomes of a message in its handler, decided alike on every bus. How it is settled is each bus's own."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from msgspec import Struct

from services.chassis.bus.port import Handler, Poison
from services.contracts.message import Message

DELIVERY_LIMIT = 5
"""Deliveries beyond the first that may end without an outcome, because the process died; after them it is dead."""
DRAIN_S = 5.0
"""How long handlers under way may go on after consuming has ended."""
KILLED_TOO_OFTEN = "delivery_limit"
"""Why a message is dead whose handler never came to an end; RabbitMQ's own word."""
_REASON_LENGTH = 1000


class Done(Struct, frozen=True):
    """The effect is committed."""


class Failed(Struct, frozen=True):
    """It may go better later."""

    reason: str


class Poisoned(Struct, frozen=True):
    """It will never go better."""

    reason: str


Outcome = Done | Failed | Poisoned


async def attempt(handle: Handler, message: Message) -> Outcome:
    """Whatever the handler raises becomes an outcome, unless it is this task that is cancelled."""
    try:
        await handle(message)
    except Poison as poison:
        return Poisoned(str(poison)[:_REASON_LENGTH])
    except (Exception, asyncio.CancelledError) as failed:
        task = asyncio.current_task()
        if isinstance(failed, asyncio.CancelledError) and task is not None and task.cancelling():
            raise
        return Failed(f"{type(failed).__name__}: {failed}"[:_REASON_LENGTH])
    return Done()


def next_wait(delays_s: Sequence[float], tries: int) -> float | None:
    """Seconds until the next try after `tries` that failed; None when there is to be no other."""
    return delays_s[tries - 1] if tries <= len(delays_s) else None


class Crew:
    """Messages that are being settled side by side. `on_end` is called at the end of each."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        self._on_end = on_end
        self._under_way: set[asyncio.Task[None]] = set()
        self.fault: BaseException | None = None
        """What settling itself raised, which it never should."""

    def __len__(self) -> int:
        return len(self._under_way)

    def start(self, settling: Coroutine[None, None, None]) -> None:
        """Returns at once."""
        task = asyncio.create_task(settling)
        self._under_way.add(task)
        task.add_done_callback(self._finish)

    async def drain(self) -> None:
        """Let handlers end by themselves; those that take longer than `DRAIN_S` are cut off."""
        for cut_off in (False, True):
            under_way = set(self._under_way)
            if cut_off:
                for task in under_way:
                    task.cancel()
            if under_way:
                await asyncio.wait(under_way, timeout=DRAIN_S)

    def check(self) -> None:
        """Raise `fault`: going on would leave messages lying about unsettled."""
        if self.fault is not None:
            raise self.fault

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            self.fault = self.fault or task.exception()
        self._on_end()
