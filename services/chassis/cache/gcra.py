"""Rate limits by the generic cell rate algorithm: its arithmetic, and the limits of one process.

All a limit has to remember is its debt: the microseconds until it is full again. Whole microseconds, so that every
place that computes it (Redis as well) comes to the same answer.
"""

from collections import OrderedDict

from services.chassis.cache.port import Allowance, Limit
from services.chassis.clock import Clock

US = 1_000_000
KEYS_MOST = 50_000


def interval_us(limit: Limit) -> int:
    """How long one unit takes to come back."""
    return max(1, round(limit.per_s * US / limit.burst))


def decide(limit: Limit, cost: int, debt_us: int) -> tuple[Allowance, int]:
    """What a try comes to, and the debt after it. A refused try costs nothing; a cost above the burst never passes."""
    interval = interval_us(limit)
    free = interval * limit.burst - debt_us
    left = free - cost * interval
    if left < 0:
        return Allowance(allowed=False, remaining=max(0, free // interval), retry_after_s=-left / US), debt_us
    return Allowance(allowed=True, remaining=left // interval, retry_after_s=0.0), debt_us + cost * interval


class LocalLimits:
    """The limits this process knows of, at most `keys_most`: the one spent from longest ago is forgotten first."""

    def __init__(self, clock: Clock, *, keys_most: int = KEYS_MOST) -> None:
        self._clock = clock
        self._keys_most = keys_most
        self._full_at_us: OrderedDict[str, int] = OrderedDict()

    def spend(self, key: str, limit: Limit, cost: int) -> Allowance:
        """Take from the limit, if it allows."""
        now_us = self._now_us()
        allowance, debt_us = decide(limit, cost, max(0, self._full_at_us.get(key, 0) - now_us))
        self._keep(key, now_us + debt_us)
        return allowance

    def correct(self, key: str, *, debt_us: int) -> None:
        """Believe what all processes together owe."""
        self._keep(key, self._now_us() + debt_us)

    def raise_to(self, key: str, *, debt_us: int) -> None:
        """Owe at least this much; a debt that is known to be higher stays."""
        self._keep(key, max(self._full_at_us.get(key, 0), self._now_us() + debt_us))

    def _now_us(self) -> int:
        return int(self._clock().timestamp() * US)

    def _keep(self, key: str, full_at_us: int) -> None:
        self._full_at_us[key] = full_at_us
        self._full_at_us.move_to_end(key)
        if len(self._full_at_us) > self._keys_most:
            self._full_at_us.popitem(last=False)
