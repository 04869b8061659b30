"""Asking the broker, with an end to the waiting, and when to ask again."""

import asyncio
import random
from collections.abc import Awaitable
from typing import TypeVar

Answer = TypeVar("Answer")

ANSWER_S = 10.0
"""A cluster may need seconds to elect the leader of a queue."""
_LET_GO_S = 1.0
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 5.0


class Away(Exception):
    """The broker cannot be reached, refuses, or does not answer in time."""


async def answered(question: Awaitable[Answer], *, within_s: float = ANSWER_S) -> Answer:
    """Raises `Away` for whatever the client raises: it cancels and raises the barest `Exception` when it is closed."""
    task = asyncio.ensure_future(question)
    task.add_done_callback(_retrieve)
    try:
        await asyncio.wait([task], timeout=within_s)
    finally:
        late = not task.done()
        if late:
            # Cancelled, the client closes what it was opening; a connection must not be left half open.
            task.cancel()
            await asyncio.wait([task], timeout=_LET_GO_S)
    if late:
        raise Away(f"no answer within {within_s:g} s")
    if task.cancelled():
        raise Away("the connection was closed")
    failure = task.exception()
    if failure is not None:
        raise Away(repr(failure)) from failure
    return task.result()


def _retrieve(task: "asyncio.Future[Answer]") -> None:
    # Otherwise asyncio complains about failures of questions that nobody waits for any more.
    if not task.cancelled():
        task.exception()


class Backoff:
    """Waits that double, each cut by chance, so that the processes of a cluster do not come back all at once."""

    def __init__(self) -> None:
        self._longest_s = _FIRST_WAIT_S

    def next_s(self) -> float:
        """How long to wait now."""
        longest_s = self._longest_s
        self._longest_s = min(_LONGEST_WAIT_S, longest_s * 2)
        return longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it.

    def reset(self) -> None:
        """It went well: the next wait is short again."""
        self._longest_s = _FIRST_WAIT_S
