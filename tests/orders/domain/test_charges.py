from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.orders.domain.charges import Charge, ChargeState, is_news, learn, status

PENDING = Charge(id=UUID(int=1), provider="fake", method="tok", asked_at=datetime(2026, 3, 1, tzinfo=UTC))
STATES: tuple[ChargeState, ...] = ("requires_action", "declined", "authorized", "voided", "captured")


def _told(state: ChargeState) -> Charge:
    return replace(PENDING, state=state, provider_id="ch_1", captured_minor=100 if state == "captured" else 0)


@given(
    st.lists(st.sampled_from(STATES), min_size=1).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told)))
)
def test_news_in_any_order_and_number_ends_the_same(orders: tuple[list[ChargeState], list[ChargeState]]) -> None:
    ends = []
    for order in orders:
        charge = PENDING
        for state in order:
            charge = learn(charge, _told(state))
        ends.append((charge.state, charge.captured_minor))

    assert ends[0] == ends[1]


@given(st.lists(st.sampled_from(STATES)))
def test_what_was_learnt_is_never_unlearnt(told: list[ChargeState]) -> None:
    passed = [PENDING]
    for state in told:
        passed.append(learn(passed[-1], _told(state)))

    assert all(before is after or is_news(before.state, after.state) for before, after in pairwise(passed))


def test_old_news_leaves_the_charge_untouched() -> None:
    captured = learn(PENDING, _told("captured"))

    assert learn(captured, _told("authorized")) is captured


def test_the_buyer_sees_how_much_came_back() -> None:
    captured = _told("captured")

    seen = [status(replace(captured, refunded_minor=refunded)) for refunded in (0, 40, 100)]

    assert seen == ["captured", "partially_refunded", "refunded"]
