import random
from collections import Counter

import pytest

from services.sandbox.domain.faults import Faults, RatesTooHigh, check, draw_delays_s, draw_mishap, draw_scenario
from services.sandbox.domain.tokens import SCENARIOS, Mishap

TRIES = 4000


def test_each_mishap_comes_as_often_as_its_rate_says() -> None:
    faults = Faults(timeout_before=0.1, timeout_after=0.2, error_before=0.05, error_after=0.15)
    dice = random.Random(7).random

    drawn = Counter(draw_mishap(faults, "capture", dice) for _ in range(TRIES))

    shares = {mishap: round(count / TRIES, 1) for mishap, count in drawn.items()}
    assert shares[Mishap.TIMEOUT_BEFORE] == 0.1
    assert shares[Mishap.TIMEOUT_AFTER] == 0.2
    assert shares[Mishap.NONE] == 0.5
    assert drawn[Mishap.ERROR_BEFORE] < drawn[Mishap.ERROR_AFTER]


def test_the_same_seed_draws_the_same_mishaps() -> None:
    faults = Faults(timeout_after=0.3, error_before=0.3)

    runs = [
        [draw_mishap(faults, "authorize", dice) for _ in range(50)]
        for dice in (random.Random(3).random, random.Random(3).random, random.Random(4).random)
    ]

    assert runs[0] == runs[1] != runs[2]


def test_only_the_named_operations_go_wrong() -> None:
    faults = Faults(error_before=1.0, decline=1.0, operations=frozenset({"capture"}))
    dice = random.Random(1).random

    assert draw_mishap(faults, "capture", dice) is Mishap.ERROR_BEFORE
    assert draw_mishap(faults, "refund", dice) is Mishap.NONE
    assert draw_scenario(faults, SCENARIOS["tok_visa"], dice).decline is None


def test_a_good_token_is_declined_at_the_rate_of_declines() -> None:
    dice = random.Random(5).random

    declined = [draw_scenario(Faults(decline=0.25), SCENARIOS["tok_visa"], dice).decline for _ in range(TRIES)]

    assert 0.22 < declined.count("declined") / TRIES < 0.28


def test_without_faults_every_webhook_is_sent_once_and_at_once() -> None:
    dice = random.Random(1).random

    assert [draw_delays_s(Faults(), dice) for _ in range(20)] == [[0.0]] * 20


def test_webhooks_come_twice_late_and_out_of_order_when_told_to() -> None:
    faults = Faults(duplicate_webhook=1.0, late_webhook=1.0, disordered_webhook=1.0, late_s=5, disorder_s=2)

    delays_s = draw_delays_s(faults, random.Random(1).random)

    assert len(delays_s) == 2
    assert all(5 <= delay_s < 7 for delay_s in delays_s)
    assert delays_s[0] != delays_s[1]


def test_more_than_all_requests_cannot_go_wrong() -> None:
    check(Faults(timeout_before=0.5, error_after=0.5))

    with pytest.raises(RatesTooHigh):
        check(Faults(timeout_before=0.5, error_after=0.6))
