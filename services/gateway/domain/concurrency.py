"""How many calls to one service may be under way, found by watching how long they take.

While answers take about as long as they usually do, the limit grows; when they take much longer, it shrinks, and
with it the queue that makes them slow. Less important work is refused first.
"""

import math
from enum import IntEnum

SAMPLES = 64
TOLERANCE = 2.0
QUEUE_S = 0.1
"""Of waiting is no overload, however fast answers usually are: a busy processor alone makes as much."""
SMOOTHING = 0.2
LEAST = 48.0
MOST = 1024.0
FIRST = 256.0
USUAL_WEIGHT = 0.05


class Priority(IntEnum):
    """What is shed last has the highest number."""

    BACKGROUND = 0
    BROWSE = 1
    ACCOUNT = 2
    CHECKOUT = 3


SHARE = (0.6, 0.8, 0.9, 1.0)
"""Of the limit, what calls of each priority may fill."""


class Concurrency:
    """The adaptive limit of one service."""

    __slots__ = ("_count", "_peak", "_sum", "_usual_s", "limit", "under_way")

    def __init__(self) -> None:
        self.limit = FIRST
        self.under_way = 0
        self._usual_s = 0.0
        self._sum = 0.0
        self._count = 0
        self._peak = 0

    def enter(self, priority: Priority) -> bool:
        """Whether the call may begin; then `leave` must follow."""
        if self.under_way >= self.limit * SHARE[priority]:
            return False
        self.under_way += 1
        return True

    def leave(self, seconds: float) -> None:
        """A call that took this long is over."""
        self._peak = max(self._peak, self.under_way)
        self.under_way -= 1
        self._sum += seconds
        self._count += 1
        if self._count >= SAMPLES:
            self._adapt()

    def leave_unmeasured(self) -> None:
        """A call is over whose duration says nothing: a stream, or one its client gave up."""
        self.under_way -= 1

    def _adapt(self) -> None:
        mean, peak = self._sum / self._count, self._peak
        self._sum, self._count, self._peak = 0.0, 0, self.under_way
        if self._usual_s == 0.0:
            self._usual_s = mean
        tolerated = max(TOLERANCE * self._usual_s, self._usual_s + QUEUE_S)
        gradient = min(1.0, max(0.5, tolerated / max(mean, 1e-6)))
        # What is usual may get slower only slowly, or an overload would become usual itself.
        weight = USUAL_WEIGHT if mean < tolerated else USUAL_WEIGHT / 10
        self._usual_s += (mean - self._usual_s) * weight
        if gradient == 1.0 and peak < self.limit / 2:
            return  # Far from the limit nothing is learnt about it.
        aim = self.limit * gradient + math.sqrt(self.limit)
        self.limit = min(MOST, max(LEAST, self.limit + (aim - self.limit) * SMOOTHING))
