from hypothesis import given
from hypothesis import strategies as st

from services.orders.domain.pricing import Terms, commission, commission_back, shipping, tax_included

TERMS = Terms(commission_bp=1000, shipping_minor=490, free_shipping_from_minor=10_000)


def test_tax_is_what_the_price_contains() -> None:
    assert [tax_included(total, 1900) for total in (1190, 119, 1, 0)] == [190, 19, 0, 0]
    assert tax_included(1000, 0) == 0


def test_shipping_is_free_from_a_sum_on() -> None:
    assert [shipping(items, TERMS) for items in (9999, 10_000)] == [490, 0]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=20), st.integers(0, 10_000))
def test_the_shares_of_a_commission_add_up_to_all_of_it(parts: list[int], rate_bp: int) -> None:
    items = sum(parts)
    whole = commission(items, Terms(commission_bp=rate_bp, shipping_minor=0, free_shipping_from_minor=0))

    returned: list[int] = []
    for number in range(len(parts)):
        refunded = sum(parts[: number + 1])
        returned.append(commission_back(whole, items, refunded_minor=refunded, returned_minor=sum(returned)))

    assert sum(returned) == whole
    assert all(share >= 0 for share in returned)
