from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.sandbox.domain import charges
from services.sandbox.domain.charges import AmountTooLarge, Charge, Purchase, Refund, WrongState
from services.sandbox.domain.tokens import SCENARIOS, Scenario

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def charge_of(scenario: Scenario = SCENARIOS["tok_visa"], *, amount_minor: int = 1000) -> Charge:
    purchase = Purchase(amount_minor=amount_minor, currency="EUR", token="tok_visa", reference="g-1")
    return charges.authorize(purchase, scenario, charge_id="ch_1", key="k-1", now=NOW)


def refund_of(amount_minor: int) -> Refund:
    return Refund(
        id="re_1",
        key="k-9",
        charge_id="ch_1",
        amount_minor=amount_minor,
        currency="EUR",
        state="succeeded",
        created_at=NOW,
    )


def test_a_charge_is_captured_once() -> None:
    captured = charges.capture(charge_of(), 400)

    with pytest.raises(WrongState):
        charges.capture(captured, 400)


def test_a_captured_charge_cannot_be_voided() -> None:
    captured = charges.capture(charge_of(), 1000)

    with pytest.raises(WrongState):
        charges.void(captured)


def test_a_charge_that_waits_for_its_buyer_can_be_voided_but_not_captured() -> None:
    waiting = charge_of(SCENARIOS["tok_requires_action"])

    with pytest.raises(WrongState):
        charges.capture(waiting, 1)
    assert charges.void(waiting).settles_at is None


def test_a_buyer_who_has_gone_away_is_waited_for_without_end() -> None:
    waiting = charge_of(SCENARIOS["tok_abandoned"])

    assert (waiting.state, waiting.settles_at) == ("requires_action", None)


def test_a_buyer_who_does_not_confirm_declines_the_charge() -> None:
    declined = charges.approve(charge_of(SCENARIOS["tok_requires_action"]), approved=False)

    assert (declined.state, declined.reason) == ("declined", "authentication_failed")


def test_a_refund_that_fails_gives_the_amount_back() -> None:
    captured = charges.capture(charge_of(), 1000)
    scenario = SCENARIOS["tok_refund_fails"]

    promised, pending = charges.refund(captured, scenario, wanted=refund_of(300))
    after, failed = charges.settle(promised, pending, scenario)

    assert (promised.refunded_minor, pending.state) == (300, "pending")
    assert (after.refunded_minor, failed.state) == (0, "failed")


@given(captured_minor=st.integers(1, 10_000), wanted=st.lists(st.integers(1, 5_000), max_size=12))
def test_refunds_of_any_sizes_add_up_to_at_most_what_was_captured(captured_minor: int, wanted: list[int]) -> None:
    charge = charges.capture(charge_of(amount_minor=10_000), captured_minor)

    given_back = 0
    for amount_minor in wanted:
        try:
            charge, _ = charges.refund(charge, SCENARIOS["tok_visa"], wanted=refund_of(amount_minor))
        except AmountTooLarge:
            assert given_back + amount_minor > captured_minor
        else:
            given_back += amount_minor

    assert charge.refunded_minor == given_back <= captured_minor


@pytest.mark.parametrize("state", ["declined", "voided", "requires_action", "authorized"])
def test_what_was_not_captured_cannot_be_refunded(state: charges.ChargeState) -> None:
    charge = replace(charge_of(), state=state)

    with pytest.raises(WrongState):
        charges.refund(charge, SCENARIOS["tok_visa"], wanted=refund_of(1))
