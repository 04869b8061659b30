from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.limits import Purse, Rule

RULE = Rule(name="search", burst=10, per_s=60.0)


def passed(purse: Purse, rule: Rule, moments: list[float]) -> int:
    return sum(purse.spend(rule, moment) == 0.0 for moment in moments)


def test_a_burst_passes_at_once_and_then_one_at_a_time() -> None:
    purse = Purse("user:1")

    first = passed(purse, RULE, [100.0] * 15)
    second = passed(purse, RULE, [100.0 + 6.0 * n for n in range(1, 6)])

    assert (first, second) == (10, 5)


def test_the_wait_it_names_is_long_enough_and_no_longer() -> None:
    purse = Purse("user:1")
    passed(purse, RULE, [0.0] * 10)

    wait = purse.spend(RULE, 1.0)

    assert wait == 5.0
    assert purse.spend(RULE, 1.0 + wait - 0.1) > 0.0
    assert purse.spend(RULE, 1.0 + wait) == 0.0


def test_what_was_refused_costs_nothing() -> None:
    patient, impatient = Purse("user:1"), Purse("user:2")
    for purse in (patient, impatient):
        passed(purse, RULE, [0.0] * 10)

    passed(impatient, RULE, [0.5] * 100)

    assert impatient.spend(RULE, 6.0) == patient.spend(RULE, 6.0) == 0.0


def test_rules_do_not_draw_on_each_other() -> None:
    purse = Purse("user:1")
    passed(purse, RULE, [0.0] * 10)

    assert purse.spend(Rule(name="import", burst=1, per_s=60.0), 0.0) == 0.0


def test_what_was_spent_elsewhere_blocks_here() -> None:
    purse = Purse("user:1")

    purse.block(RULE, 0.0, 30.0)

    assert purse.spend(RULE, 29.0) > 0.0
    assert purse.spend(RULE, 30.0) == 0.0


def test_what_others_must_be_told_is_gathered() -> None:
    ledger: set[Purse] = set()
    purse = Purse("user:1", ledger)

    passed(purse, RULE, [0.0] * 12)

    assert (ledger, purse.unsettled) == ({purse}, {"search": (RULE, 10)})


@given(
    st.integers(min_value=1, max_value=50),
    st.floats(min_value=0.5, max_value=100),
    st.lists(st.floats(min_value=0, max_value=300), min_size=1, max_size=300),
)
def test_in_no_span_more_passes_than_the_burst_and_what_comes_back_in_it(
    burst: int, per_s: float, moments: list[float]
) -> None:
    rule = Rule(name="any", burst=burst, per_s=per_s)
    purse = Purse("user:1")
    through = [moment for moment in sorted(moments) if purse.spend(rule, moment) == 0.0]

    for first, start in enumerate(through):
        for last, end in enumerate(through[first:], start=first):
            assert last - first + 1 <= burst + (end - start) * burst / per_s + 1e-6 + 1
