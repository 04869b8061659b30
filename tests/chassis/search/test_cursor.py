import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.chassis.search.cursor import from_cursor, to_cursor
from services.chassis.search.errors import CursorUnknown
from services.chassis.search.port import SearchRequest, Sort

RELEVANT = SearchRequest(text="red")
SORTED = SearchRequest(sort=Sort(field="rating"))


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_position_by_relevance_comes_back_to_the_last_bit(rank: float, document_id: str) -> None:
    if "\0" in document_id:
        return
    position = from_cursor(replace(RELEVANT, cursor=to_cursor(RELEVANT, rank, document_id)))

    assert position is not None
    assert (position.rank, position.id) == (rank, document_id)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_position_by_number_comes_back(rank: int) -> None:
    position = from_cursor(replace(SORTED, cursor=to_cursor(SORTED, rank, "a")))

    assert position is not None
    assert position.rank == rank


def test_a_first_page_has_no_position() -> None:
    assert from_cursor(RELEVANT) is None


def test_a_number_that_is_none_is_refused() -> None:
    for rank in (1.5, 2**70):
        with pytest.raises(CursorUnknown):
            from_cursor(replace(SORTED, cursor=to_cursor(SORTED, rank, "a")))


def test_the_order_of_filter_values_does_not_matter() -> None:
    one = SearchRequest(terms={"a": frozenset(["x", "y", "z"]), "b": frozenset()})
    other = SearchRequest(terms={"b": frozenset(), "a": frozenset(["z", "y", "x"])})

    assert from_cursor(replace(other, cursor=to_cursor(one, 1.0, "a"))) is not None
