from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orders.domain.carts import (
    LINES_MOST,
    Cart,
    CartFull,
    CurrencyMismatch,
    OfferMissing,
    drop,
    is_stale,
    merge,
    price_changes,
    put,
    renew,
)
from tests.orders.market import offer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EMPTY = Cart(
    id=UUID(int=1),
    owner_id=UUID(int=2),
    token_hash=None,
    currency=None,
    lines=(),
    version=1,
    checkout_id=None,
    created_at=NOW,
    changed_at=NOW,
)


def _cart(**quantities: int) -> Cart:
    cart = EMPTY
    for sku, quantity in quantities.items():
        cart = put(cart, offer(sku, 100), quantity, NOW)
    return cart


def test_a_line_that_is_set_again_keeps_its_place() -> None:
    cart = put(_cart(ONE=1, TWO=2, SIX=6), offer("TWO", 150), 5, NOW)

    assert [(line.sku, line.quantity, line.unit_price_minor) for line in cart.lines] == [
        ("ONE", 1, 100),
        ("TWO", 5, 150),
        ("SIX", 6, 100),
    ]


def test_a_cart_has_one_currency_until_it_is_empty() -> None:
    cart = _cart(ONE=1)

    with pytest.raises(CurrencyMismatch):
        put(cart, offer("YEN", 900, currency="JPY"), 1, NOW)
    emptied = drop(cart, "ONE", NOW)

    assert put(emptied, offer("YEN", 900, currency="JPY"), 1, NOW).currency == "JPY"


def test_a_cart_holds_so_many_lines() -> None:
    cart = _cart(**{f"SKU-{number}": 1 for number in range(LINES_MOST)})

    with pytest.raises(CartFull):
        put(cart, offer("ONE-MORE", 100), 1, NOW)


def test_a_quote_is_stale_after_an_hour() -> None:
    cart = _cart(ONE=1)

    assert not is_stale(cart, NOW + timedelta(minutes=59))
    assert is_stale(cart, NOW + timedelta(hours=1))


def test_price_changes_tell_old_and_new_and_go_away_when_renewed() -> None:
    cart, today = _cart(ONE=1, TWO=1), {"ONE": offer("ONE", 120), "TWO": offer("TWO", 100)}

    changes = price_changes(cart, today)
    renewed = renew(cart, today, NOW)

    assert changes == [{"sku": "ONE", "old_minor": 100, "new_minor": 120, "currency": "EUR"}]
    assert price_changes(renewed, today) == []


def test_what_is_not_on_sale_any_more_cannot_be_bought() -> None:
    with pytest.raises(OfferMissing):
        price_changes(_cart(ONE=1), {})


_QUANTITIES = st.dictionaries(st.sampled_from(["ONE", "TWO", "SIX", "TEN"]), st.integers(1, 999))


@given(_QUANTITIES, _QUANTITIES)
def test_merging_adds_up_what_both_have_within_the_bounds(mine: dict[str, int], theirs: dict[str, int]) -> None:
    offers = {sku: offer(sku, 100) for sku in mine.keys() | theirs.keys()}

    merged = merge(_cart(**mine), _cart(**theirs), offers, NOW)

    assert {line.sku: line.quantity for line in merged.lines} == {
        sku: min(999, mine.get(sku, 0) + theirs.get(sku, 0)) for sku in mine.keys() | theirs.keys()
    }
