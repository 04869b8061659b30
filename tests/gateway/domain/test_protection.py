"""Breaker, retry budget and adaptive concurrency: decisions over time, without a clock."""

from services.gateway.domain.breaker import LEAST_CALLS, OPEN_S, PROBES, WINDOW_S, Breaker, State
from services.gateway.domain.concurrency import LEAST, SAMPLES, Concurrency, Priority
from services.gateway.domain.retries import RetryBudget


def broken(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(LEAST_CALLS):
        breaker.failed(now)
    return breaker


def test_a_few_failures_do_not_open_a_circuit() -> None:
    breaker = Breaker()

    for _ in range(LEAST_CALLS - 1):
        breaker.failed(0.0)

    assert breaker.admit(0.0) == 0.0


def test_failures_among_as_many_successes_open_it_and_among_more_do_not() -> None:
    worse, better = Breaker(), Breaker()
    for breaker, successes in ((worse, 20), (better, 60)):
        breaker.failed(0.0)
        for _ in range(successes):
            breaker.succeeded()
        for _ in range(25):
            breaker.failed(1.0)

    assert (worse.state, better.state) == (State.OPEN, State.CLOSED)


def test_failures_long_ago_do_not_count() -> None:
    breaker = Breaker()

    for number in range(LEAST_CALLS * 3):
        breaker.failed(number * WINDOW_S)

    assert breaker.state is State.CLOSED


def test_an_open_circuit_says_how_long_to_wait_and_then_lets_one_call_probe() -> None:
    breaker = broken()

    waits = [breaker.admit(1.0), breaker.admit(OPEN_S), breaker.admit(OPEN_S)]

    assert waits == [OPEN_S - 1.0, 0.0, 1.0]


def test_probes_that_succeed_close_it() -> None:
    breaker = broken()

    for _ in range(PROBES):
        breaker.admit(OPEN_S)
        breaker.succeeded()

    assert breaker.state is State.CLOSED


def test_a_probe_that_fails_opens_it_again() -> None:
    breaker = broken()
    breaker.admit(OPEN_S)

    breaker.failed(OPEN_S)

    assert breaker.admit(OPEN_S + 1) == OPEN_S - 1


def test_a_probe_that_its_client_abandons_lets_the_next_one_probe() -> None:
    breaker = broken()
    breaker.admit(OPEN_S)

    breaker.forgone()

    assert breaker.admit(OPEN_S) == 0.0


def test_retries_are_at_most_a_tenth_of_all_calls_in_the_long_run() -> None:
    budget = RetryBudget()
    retries = 0

    for _ in range(10_000):
        budget.save()
        retries += budget.spend()

    assert 1000 <= retries <= 1011


def run(concurrency: Concurrency, calls: int, seconds: float, at_once: int) -> None:
    for _ in range(calls // at_once):
        entered = sum(concurrency.enter(Priority.CHECKOUT) for _ in range(at_once))
        for _ in range(entered):
            concurrency.leave(seconds)


def test_the_limit_shrinks_while_answers_get_slower_and_grows_back_when_they_recover() -> None:
    concurrency = Concurrency()
    run(concurrency, SAMPLES * 20, 0.01, 128)
    usual = concurrency.limit

    run(concurrency, SAMPLES * 30, 0.5, 48)
    slow = concurrency.limit
    run(concurrency, SAMPLES * 60, 0.01, 48)

    assert slow < usual / 2
    assert slow >= LEAST
    assert concurrency.limit > slow


def test_a_short_queue_is_no_overload() -> None:
    concurrency = Concurrency()
    run(concurrency, SAMPLES * 20, 0.001, 64)
    before = concurrency.limit

    run(concurrency, SAMPLES * 20, 0.08, 64)

    assert concurrency.limit >= before


def test_a_limit_that_nobody_comes_near_stays() -> None:
    concurrency = Concurrency()
    before = concurrency.limit

    run(concurrency, SAMPLES * 20, 0.01, 1)

    assert concurrency.limit == before


def test_browsing_is_shed_before_accounts_and_checkout_last() -> None:
    concurrency = Concurrency()
    concurrency.limit = 100.0
    shed: dict[Priority, int] = {}

    for under_way in range(101):
        concurrency.under_way = under_way
        for priority in Priority:
            if not concurrency.enter(priority):
                shed.setdefault(priority, under_way)
            else:
                concurrency.leave_unmeasured()

    assert shed == {Priority.BACKGROUND: 60, Priority.BROWSE: 80, Priority.ACCOUNT: 90, Priority.CHECKOUT: 100}
