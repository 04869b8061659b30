"""Rate limits at work: spent in this process at once, and settled with the other processes a moment later.

A request never waits for the shared cache. What several processes let through between two settlements may pass a
limit by as much as they can let through in `SETTLE_S`; then the overspent are blocked in all of them.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterable

from services.chassis.cache.port import Cache
from services.gateway.domain.limits import Purse, Rule
from services.gateway.domain.overrides import Overrides
from services.gateway.domain.refusals import TooManyRequests

ADDRESS, USER, KEY = "address", "user", "key"
SETTLE_S = 0.25
PURSES_MOST = 100_000


def spend(purse: Purse, rules: Iterable[Rule], now: float) -> None:
    """One request. Raises `TooManyRequests`."""
    for rule in rules:
        wait = purse.spend(rule, now)
        if wait > 0.0:
            raise TooManyRequests(rule=rule.name, retry_after_s=math.ceil(wait))


class Limits:
    """The rules that every request draws on."""

    def __init__(self, *rules: Rule) -> None:
        """Of the names `ADDRESS`, `USER` and `KEY`; those that are not given do not limit."""
        self._rules = {rule.name: rule for rule in rules}
        self.apply(Overrides())

    @property
    def names(self) -> frozenset[str]:
        """What can be overridden."""
        return frozenset(self._rules)

    def apply(self, overrides: Overrides) -> None:
        """As staff will have it; what is not overridden is as it was given."""
        moved = {override.name: override.rule for override in overrides.limits if override.name in self._rules}
        rules = {**self._rules, **moved}
        self.address: tuple[Rule, ...] = tuple(rule for name, rule in rules.items() if name == ADDRESS)
        self.user: tuple[Rule, ...] = tuple(rule for name, rule in rules.items() if name == USER)
        self.key: tuple[Rule, ...] = tuple(rule for name, rule in rules.items() if name == KEY)


class Settling:
    """Tells the shared cache what was let through, and blocks what all processes together have overspent."""

    def __init__(self, cache: Cache, *, now: Callable[[], float] = time.monotonic) -> None:
        self.ledger: set[Purse] = set()
        self._cache = cache
        self._now = now

    async def settle(self) -> None:
        """Once, for all that is unsettled."""
        purses = list(self.ledger)
        self.ledger.clear()
        for purse in purses:
            spent, purse.unsettled = purse.unsettled, {}
            for rule, cost in spent.values():
                allowance = await self._cache.spend(f"{purse.key}:{rule.name}", rule.limit, cost=cost)
                if not allowance.allowed:
                    purse.block(rule, self._now(), allowance.retry_after_s)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(SETTLE_S)
            await self.settle()


class BottomlessPurse(Purse):
    """For the gateway itself, which nobody limits."""

    __slots__ = ()

    def spend(self, rule: Rule, now: float) -> float:  # noqa: ARG002 - see `Purse`.
        """See `Purse`."""
        return 0.0


class Purses:
    """The purses of a kind, by key; those that are full again are forgotten when there are too many."""

    def __init__(self, kind: str, ledger: set[Purse] | None = None, *, most: int = PURSES_MOST) -> None:
        self._kind = kind
        self._ledger = ledger
        self._most = most
        self._purses: dict[str, Purse] = {}

    def of(self, key: str, now: float) -> Purse:
        """The one purse of `key`."""
        purse = self._purses.get(key)
        if purse is None:
            if len(self._purses) >= self._most:
                self._make_room(now)
            purse = self._purses[key] = Purse(f"{self._kind}:{key}", self._ledger)
        return purse

    def _make_room(self, now: float) -> None:
        self._purses = {key: purse for key, purse in self._purses.items() if not purse.full(now)}
        while len(self._purses) >= self._most:
            # All are in use: the oldest is forgiven rather than the newest let in unlimited.
            del self._purses[next(iter(self._purses))]
