from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.users.domain.sellers import (
    AlreadySeller,
    Application,
    Move,
    Seller,
    SellerStateWrong,
    SlugInvalid,
    State,
    apply_again,
    close,
    move,
    to_slug,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SELLER = Seller(
    id=UUID(int=7),
    owner_id=UUID(int=1),
    slug="pots",
    name="Pots",
    about="Old pots",
    country="ES",
    state=State.APPLIED,
    applied_at=NOW,
)
AGAIN = Application(name="Pans", slug="pans", about="", country="PT")
ALLOWED = {
    (State.APPLIED, Move.APPROVE): State.APPROVED,
    (State.APPLIED, Move.REJECT): State.REJECTED,
    (State.APPLIED, Move.CLOSE): State.CLOSED,
    (State.REJECTED, Move.APPLY): State.APPLIED,
    (State.REJECTED, Move.CLOSE): State.CLOSED,
    (State.APPROVED, Move.SUSPEND): State.SUSPENDED,
    (State.APPROVED, Move.CLOSE): State.CLOSED,
    (State.SUSPENDED, Move.REINSTATE): State.APPROVED,
    (State.SUSPENDED, Move.CLOSE): State.CLOSED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("wanted", Move)
def test_only_the_moves_of_the_table_are_made(state: State, wanted: Move) -> None:
    seller = replace(SELLER, state=state)
    target = ALLOWED.get((state, wanted))

    if target is None:
        with pytest.raises(SellerStateWrong):
            move(seller, wanted, reason=None, now=NOW)
        return
    moved = move(seller, wanted, reason="because", now=NOW)

    assert (moved.state, moved.version, moved.reason) == (target, 2, "because")


def test_an_application_after_a_rejection_says_what_is_said_now() -> None:
    rejected = move(SELLER, Move.REJECT, reason="no imprint", now=NOW)

    again = apply_again(rejected, AGAIN, now=NOW)

    assert (again.id, again.name, again.slug, again.country) == (SELLER.id, "Pans", "pans", "PT")
    assert (again.state, again.reason, again.decided_at, again.version) == (State.APPLIED, None, None, 3)


@pytest.mark.parametrize("state", [State.APPLIED, State.APPROVED, State.SUSPENDED, State.CLOSED])
def test_nobody_else_applies_again(state: State) -> None:
    with pytest.raises(AlreadySeller):
        apply_again(replace(SELLER, state=state), AGAIN, now=NOW)


def test_a_closed_shop_names_nobody() -> None:
    closed = close(SELLER, now=NOW)

    assert (closed.name, closed.about, closed.country) == ("", "", "")
    assert "pots" not in closed.slug


@pytest.mark.parametrize(
    ("name", "slug"), [("Ana's Pottery", "ana-s-pottery"), ("Café Ñandú", "cafe-nandu"), ("  --A1b--  ", "a1b")]
)
def test_a_slug_is_made_from_the_name(name: str, slug: str) -> None:
    assert to_slug(name) == slug


@pytest.mark.parametrize("name", ["", "ab", "Staff", "日本", "01900000-0000-7000-8000-000000000001", "closed-1"])
def test_a_name_that_makes_no_slug_is_refused(name: str) -> None:
    with pytest.raises(SlugInvalid):
        to_slug(name)


@given(st.text(max_size=100))
def test_a_slug_makes_itself(name: str) -> None:
    try:
        slug = to_slug(name)
    except SlugInvalid:
        return

    assert to_slug(slug) == slug
    assert len(slug) <= 60
