from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.contracts.items import HoldLine, HoldState, Offer
from services.contracts.money import Money
from services.items.domain import stock
from services.items.domain.refusals import StaleVersion
from services.items.domain.stock import (
    HeldLine,
    HoldCommitted,
    HoldExpired,
    HoldRefused,
    Shifted,
    StockBelowReserved,
    StockLevel,
    StoredHold,
)

ITEM = UUID(int=1)
LEVEL = StockLevel(sku="MUG", item_id=ITEM, on_hand=10, reserved=4, version=3)


def hold(state: HoldState, **quantities: int) -> StoredHold:
    lines = [
        HeldLine(
            offer=Offer(
                sku=sku,
                item_id=ITEM,
                seller_id=ITEM,
                title=sku,
                price=Money(minor=1, currency="EUR"),
                tax_rate_bp=0,
            ),
            quantity=quantity,
        )
        for sku, quantity in quantities.items()
    ]
    return StoredHold(hold_id=ITEM, state=state, expires_at=datetime(2026, 3, 1, tzinfo=UTC), lines=lines)


skus = st.sampled_from(["A1", "B1", "C1", "D1"])
lines = st.lists(st.builds(HoldLine, sku=skus, quantity=st.integers(1, 99)), min_size=1, max_size=20)


@given(lines)
def test_lines_are_added_up_by_sku_and_ordered_so_that_locks_are(given_lines: list[HoldLine]) -> None:
    totals = stock.summed(given_lines)

    assert list(totals) == sorted({line.sku for line in given_lines})
    assert sum(totals.values()) == sum(line.quantity for line in given_lines)


@pytest.mark.parametrize("count", [0, 201])
def test_a_hold_is_of_some_skus_but_not_too_many(count: int) -> None:
    with pytest.raises(HoldRefused):
        stock.summed([HoldLine(sku=f"SKU-{number}", quantity=1) for number in range(count)])


def test_several_holds_are_added_up_in_the_same_order() -> None:
    totals = stock.added_up([hold("held", B1=2, A1=1), hold("held", C1=1, A1=5)])

    assert list(totals.items()) == [("A1", 6), ("B1", 2), ("C1", 1)]


def test_a_hold_that_is_held_can_end_either_way() -> None:
    assert stock.commit(hold("held")).state == "committed"
    assert stock.release(hold("held")).state == "released"


def test_ending_a_hold_the_same_way_again_changes_nothing() -> None:
    committed, released, expired = hold("committed"), hold("released"), hold("expired")

    assert stock.commit(committed) is committed
    assert stock.release(released) is released
    assert stock.release(expired) is expired


@pytest.mark.parametrize("state", ["released", "expired"])
def test_units_that_went_back_cannot_be_committed(state: HoldState) -> None:
    with pytest.raises(HoldExpired):
        stock.commit(hold(state))


def test_units_that_left_cannot_be_released() -> None:
    with pytest.raises(HoldCommitted):
        stock.release(hold("committed"))


def test_a_count_replaces_what_is_on_hand_and_raises_the_version() -> None:
    assert stock.count(LEVEL, 4, seen=3) == replace(LEVEL, on_hand=4, version=4)


def test_a_count_below_what_is_reserved_or_from_before_a_change_is_refused() -> None:
    with pytest.raises(StockBelowReserved):
        stock.count(LEVEL, 3, seen=3)
    with pytest.raises(StaleVersion):
        stock.count(LEVEL, 20, seen=2)


@pytest.mark.parametrize(
    ("free", "freed", "ran_out", "returned"),
    [(0, -3, True, False), (3, 3, False, True), (2, 1, False, False), (1, -1, False, False), (0, 0, False, False)],
)
def test_only_the_last_unit_runs_out_and_only_the_first_returns(
    free: int, freed: int, *, ran_out: bool, returned: bool
) -> None:
    shifted = Shifted(sku="MUG", item_id=ITEM, free=free, freed=freed, sequence=1)

    assert (shifted.ran_out, shifted.returned) == (ran_out, returned)
