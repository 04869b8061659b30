import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.cache.gcra import LocalLimits, decide
from services.chassis.cache.port import Limit
from tests.chassis.clocks import HandClock

limits = st.builds(Limit, burst=st.integers(1, 1000), per_s=st.floats(0.01, 86_400))


def test_a_full_limit_refills_evenly(clock: HandClock) -> None:
    table = LocalLimits(clock)
    limit = Limit(burst=4, per_s=40)
    for _ in range(4):
        table.spend("key", limit, 1)

    clock.advance(10)

    assert [table.spend("key", limit, 1).allowed for _ in range(2)] == [True, False]


def test_waiting_as_long_as_told_is_enough(clock: HandClock) -> None:
    table = LocalLimits(clock)
    limit = Limit(burst=3, per_s=7)
    table.spend("key", limit, 3)
    refused = table.spend("key", limit, 2)

    clock.advance(refused.retry_after_s)

    assert table.spend("key", limit, 2).allowed


def test_a_cost_above_the_burst_never_passes(clock: HandClock) -> None:
    table = LocalLimits(clock)

    allowance = table.spend("key", Limit(burst=2, per_s=1), 3)

    assert not allowance.allowed
    assert allowance.remaining == 2


def test_the_table_of_limits_is_bounded(clock: HandClock) -> None:
    table = LocalLimits(clock, keys_most=10)
    limit = Limit(burst=1, per_s=3600)
    for number in range(11):
        table.spend(f"key:{number}", limit, 1)

    forgotten, kept = table.spend("key:0", limit, 1), table.spend("key:10", limit, 1)

    assert forgotten.allowed
    assert not kept.allowed


@given(limits, st.lists(st.tuples(st.integers(1, 5), st.floats(0, 5)), max_size=60))
def test_never_more_than_the_burst_and_what_came_back(limit: Limit, tries: list[tuple[int, float]]) -> None:
    clock = HandClock()
    table = LocalLimits(clock)
    began = clock.now

    spent = 0
    for cost, pause_s in tries:
        spent += cost if table.spend("key", limit, cost).allowed else 0
        clock.advance(pause_s)

    came_back = (clock.now - began).total_seconds() * limit.burst / limit.per_s
    assert spent <= (limit.burst + came_back) * 1.001 + 1


@given(limits, st.integers(1, 10))
def test_remaining_is_what_can_still_be_spent_at_once(limit: Limit, cost: int) -> None:
    allowance, debt_us = decide(limit, cost, 0)

    rest, _ = decide(limit, max(1, allowance.remaining), debt_us)
    too_much, _ = decide(limit, allowance.remaining + 1, debt_us)

    assert rest.allowed is (allowance.remaining > 0)
    assert not too_much.allowed


@pytest.mark.parametrize("per_s", [0.0000001, 1e-9])
def test_a_limit_faster_than_a_microsecond_still_counts(per_s: float, clock: HandClock) -> None:
    table = LocalLimits(clock)
    limit = Limit(burst=2, per_s=per_s)

    tries = [table.spend("key", limit, 1).allowed for _ in range(3)]

    assert tries == [True, True, False]
