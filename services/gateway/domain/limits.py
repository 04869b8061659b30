"""Rate limits by the generic cell rate algorithm: one number a limit, exact in this process.

How several processes share a limit is not decided here: they settle what they have let through, see `proxy.limiting`.
"""

from msgspec import Struct

from services.chassis.cache.port import Limit

ROUNDING_S = 1e-9
"""Floats that should be equal may differ by less than this."""


class Rule(Struct, frozen=True, kw_only=True):
    """A named limit: `burst` at once, and as many again in `per_s`. Routes that name the same rule share it."""

    name: str
    burst: int
    per_s: float

    @property
    def limit(self) -> Limit:
        """The same for a shared cache."""
        return Limit(burst=self.burst, per_s=self.per_s)


class Purse:
    """What one user, key or address has spent of each rule."""

    __slots__ = ("_full_again", "_ledger", "key", "unsettled")

    def __init__(self, key: str, ledger: "set[Purse] | None" = None) -> None:
        self.key = key
        self.unsettled: dict[str, tuple[Rule, int]] = {}
        """Let through since the other processes were last told, by the name of the rule."""
        self._full_again: dict[str, float] = {}
        self._ledger = ledger
        """Where purses with something unsettled are gathered; None if no other process shares the limits."""

    def spend(self, rule: Rule, now: float) -> float:
        """0.0 if the request may pass, else the seconds to wait. What is refused costs nothing."""
        name = rule.name
        full_again = self._full_again.get(name, now)
        if full_again < now:  # noqa: PLR1730 - twice as fast as `max`, on the way of every request.
            full_again = now
        full_again += rule.per_s / rule.burst
        wait = full_again - now - rule.per_s
        if wait > ROUNDING_S:
            return wait
        self._full_again[name] = full_again
        if self._ledger is not None:
            known = self.unsettled.get(name)
            self.unsettled[name] = (rule, 1 if known is None else known[1] + 1)
            self._ledger.add(self)
        return 0.0

    def block(self, rule: Rule, now: float, seconds: float) -> None:
        """Spent elsewhere: nothing passes for `seconds`."""
        empty_until = now + seconds + rule.per_s - rule.per_s / rule.burst
        self._full_again[rule.name] = max(self._full_again.get(rule.name, 0.0), empty_until)

    def full(self, now: float) -> bool:
        """Whether forgetting it changes nothing."""
        return not self.unsettled and all(moment <= now for moment in self._full_again.values())
