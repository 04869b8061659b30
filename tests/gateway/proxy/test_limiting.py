"""Limits shared by processes, and purses that are too many."""

from services.chassis.cache.memory import MemoryCache
from services.chassis.clock import utc_now
from services.gateway.domain.limits import Purse, Rule
from services.gateway.proxy.limiting import Purses, Settling

RULE = Rule(name="user", burst=10, per_s=60)


def spend(purse: Purse, times: int, now: float) -> int:
    return sum(purse.spend(RULE, now) == 0.0 for _ in range(times))


async def test_what_two_processes_let_through_together_blocks_whoever_overspent() -> None:
    cache, now = MemoryCache(clock=utc_now), 100.0
    processes = [Settling(cache, now=lambda: now) for _ in range(2)]
    purses = [Purse("user:1", settling.ledger) for settling in processes]
    first = [spend(purse, 8, now) for purse in purses]

    for settling in processes:
        await settling.settle()
    unsettled = [settling.ledger for settling in processes if settling.ledger]
    second = [spend(purse, 8, now) for purse in purses]

    assert first == [8, 8]
    assert (second[1], unsettled) == (0, [])


def test_full_purses_make_room_for_new_ones() -> None:
    purses = Purses("address", most=3)
    used = purses.of("used", 0.0)
    spend(used, 1, 0.0)
    for key in ("a", "b"):
        purses.of(key, 0.0)

    purses.of("new", 1.0)

    assert purses.of("used", 1.0) is used


def test_when_all_are_in_use_the_oldest_is_forgiven() -> None:
    purses = Purses("address", most=2)
    old, young = purses.of("old", 0.0), purses.of("young", 0.0)
    for purse in (old, young):
        spend(purse, 10, 0.0)

    purses.of("new", 1.0)

    assert purses.of("young", 1.0) is young
    assert purses.of("old", 1.0) is not old
