"""Visitors who read without pause, and what they were answered."""

import itertools
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.chassis.wire.port import Upstream
from tests.cluster.beside import beside
from tests.launch.guest import Guest

READERS = 4
_PAGE_MOST = 50


@dataclass(kw_only=True)
class Answers:
    """All since the reading began, or since `begin_anew`."""

    statuses: Counter[int] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)

    def begin_anew(self) -> "Answers":
        """What came so far; from now on only what comes."""
        so_far = Answers(statuses=self.statuses, took_s=self.took_s)
        self.statuses, self.took_s = Counter(), []
        return so_far

    @property
    def p95_s(self) -> float:
        """95 of 100 took no longer."""
        return statistics.quantiles(self.took_s, n=20)[-1]


@asynccontextmanager
async def reading(gateway: Upstream, targets: Sequence[str]) -> AsyncIterator[Answers]:
    """As long as the block runs, several visitors ask for these in turns. Raises what no answer came for."""
    answers = Answers()
    async with beside(*(_read(Guest(gateway), targets, number, answers) for number in range(READERS))):
        yield answers


async def _read(visitor: Guest, targets: Sequence[str], first: int, answers: Answers) -> None:
    for number in itertools.count(first):
        # Another page size each time, so that not every answer comes from a cache.
        target = f"{targets[number % len(targets)]}limit={1 + number % _PAGE_MOST}"
        began = time.monotonic()
        answers.statuses[(await visitor.get(target)).status] += 1
        answers.took_s.append(time.monotonic() - began)
