from datetime import timedelta
from itertools import pairwise
from typing import get_args

import pytest
from msgspec.structs import replace

from services.orders.domain.charges import Charge
from services.orders.domain.checkouts import ENDED, FAILED, CheckoutState, Group, Refusal, RefusalCode, move, to_error
from services.orders.domain.orders import MOVES, IllegalMove, OrderState
from services.orders.domain.saga import hold_anew, must_be_recorded, put_off, turn_back, turned
from services.orders.domain.views import group_status
from tests.orders.domain.test_orders import NOW, paid_group

STATES: tuple[CheckoutState, ...] = get_args(CheckoutState)


def _in(state: CheckoutState) -> Group:
    group = paid_group(1, 1)
    orders = tuple(replace(order, state="pending_payment") for order in group.orders)
    charge: Charge = replace(group.checkout.charge, state="pending", captured_minor=0)
    return Group(checkout=replace(group.checkout, state=state, charge=charge), orders=orders)


def _may(state: CheckoutState, to: CheckoutState) -> bool:
    try:
        move(_in(state).checkout, to, NOW)
    except IllegalMove:
        return False
    return True


def test_the_way_forward_has_no_short_cuts() -> None:
    forward: tuple[CheckoutState, ...] = STATES[:6]

    legal = {(one, other) for one in forward for other in forward if _may(one, other)}

    assert legal == set(pairwise(forward))


def test_a_confirmed_checkout_stays_confirmed() -> None:
    assert [state for state in STATES if _may("confirmed", state)] == []


@pytest.mark.parametrize("state", sorted(FAILED - {"refunded"}))
def test_a_failed_checkout_can_only_become_refunded(state: CheckoutState) -> None:
    assert [to for to in STATES if to != "manual_review" and _may(state, to)] == ["refunded"]


def test_turning_back_ends_where_it_was_turned_to_and_calls_off_the_orders() -> None:
    group = turn_back(_in("stock_held"), "expired", Refusal(code="expired"), NOW)

    ended = turned(group, NOW)

    assert not group.checkout.ended
    assert (ended.checkout.state, ended.checkout.due_at) == ("expired", None)
    assert {order.state for order in ended.orders} == {"expired"}


def test_turning_back_with_money_taken_ends_as_refunded() -> None:
    group = turn_back(_in("stock_committed"), "cancelled", Refusal(code="cancelled"), NOW)
    charge = replace(group.checkout.charge, state="captured", captured_minor=5, refunded_minor=5)

    ended = turned(replace(group, checkout=replace(group.checkout, charge=charge)), NOW)

    assert ended.checkout.state == "refunded"


def test_decisions_are_recorded_before_they_are_acted_on_and_answers_need_not_be() -> None:
    group = _in("stock_held")
    waiting = replace(group.checkout, charge=replace(group.checkout.charge, state="requires_action"))

    decided = [
        turn_back(group, "expired", Refusal(code="expired"), NOW).checkout,
        hold_anew(group, NOW).checkout,
        waiting,
    ]
    answered = move(group.checkout, "authorized", NOW)

    assert all(must_be_recorded(group.checkout, one) for one in decided)
    assert not must_be_recorded(group.checkout, answered)


def test_a_new_hold_has_a_new_id_and_a_whole_quarter_of_an_hour() -> None:
    group = _in("created")

    anew = hold_anew(group, NOW + timedelta(hours=1))

    assert anew.checkout.hold_id != group.checkout.hold_id
    assert anew.checkout.expires_at == NOW + timedelta(hours=1, minutes=15)


def test_pauses_grow_to_a_quarter_of_a_minute_and_no_further() -> None:
    group, pauses = _in("created"), []
    for _ in range(9):
        group = put_off(group, NOW)
        assert group.checkout.due_at is not None
        pauses.append((group.checkout.due_at - NOW).total_seconds())

    assert pauses == [1, 2, 4, 8, 15, 15, 15, 15, 15]


@pytest.mark.parametrize("code", get_args(RefusalCode))
def test_every_refusal_is_told_under_its_own_code(code: RefusalCode) -> None:
    told = to_error(Refusal(code=code, sku="MUG", free=0))

    assert told.code in {code, f"checkout_{code}"}


def test_the_status_of_a_group_is_that_of_its_least_advanced_order() -> None:
    states: list[OrderState] = ["completed", "shipped", "cancelled"]

    assert group_status(states) == "shipped"
    assert group_status(["cancelled", "cancelled"]) == "cancelled"


def test_every_order_state_leads_somewhere_or_is_an_end() -> None:
    ends = {state for state, nexts in MOVES.items() if not nexts}

    assert ends == {"refunded", "payment_failed", "cancelled", "expired"}
    assert {"confirmed", "manual_review"} == ENDED - FAILED
