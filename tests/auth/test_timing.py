import statistics
import time

import pytest

from tests.auth.visitors import Visitor
from tests.stage import Stage

pytestmark = pytest.mark.embedded

ROUNDS = 40


async def _seconds(visitor: Visitor, email: str) -> float:
    started = time.perf_counter()
    answer = await visitor.log_in(email, "not the password")
    assert answer.status == 401
    return time.perf_counter() - started


async def test_the_time_to_refuse_does_not_tell_who_has_an_account(stage: Stage) -> None:
    """Interleaved, so that a slow spell of the machine meets both alike: the medians differ by less than the noise."""
    await Visitor(stage).join()
    known, unknown = [], []

    for number in range(ROUNDS):
        visitor = Visitor(stage, address=f"198.18.{number}.1")
        known.append(await _seconds(visitor, "ana@example.org"))
        unknown.append(await _seconds(visitor, f"nobody{number}@example.org"))

    spread = statistics.quantiles(known + unknown, n=4)
    assert abs(statistics.median(known) - statistics.median(unknown)) < max(0.004, spread[2] - spread[0])
    assert statistics.median(unknown) > 0.005
