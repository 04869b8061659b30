import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.search.words import (
    TERMS_MOST,
    WORD_LENGTH_MOST,
    asks_for_all,
    fold,
    folded_words,
    is_near,
    terms_of,
    typos_allowed,
    typos_between,
)

letters = st.text("abc", max_size=7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Red, running-shoes!", ["red", "running", "shoes"]),
        ("snake_case 3.5kg", ["snake", "case", "3", "5kg"]),
        ("Men's O\u2019Brien 'quoted'", ["mens", "obrien", "quoted"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("Cre\u0300me", ["creme"]),
        ("Straße ŁÓDŹ Ærø", ["strasse", "lodz", "aero"]),
        ("\uff26\uff35\uff2c\uff2c ﬁne", ["full", "fine"]),
        ("🎉 — \0 ()", []),
        ("\ud800half", ["half"]),
    ],
)
def test_words_are_folded_letters_and_digits(text: str, words: list[str]) -> None:
    assert list(folded_words(text)) == words


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    for word in folded_words(text):
        assert fold(word) == word
        assert word.isalnum()


def test_a_query_has_a_bounded_number_of_distinct_words() -> None:
    assert terms_of("red RED Réd blue") == ["red", "blue"]
    assert len(terms_of(" ".join(f"word{number}" for number in range(500)))) == TERMS_MOST
    assert [len(term) for term in terms_of("x" * 10_000)] == [WORD_LENGTH_MOST]


def test_only_a_blank_query_asks_for_all() -> None:
    assert [asks_for_all(query) for query in ("", " \n", "!", "\0", "a")] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("term", "typos"), [("cup", 0), ("cups", 1), ("leather", 1), ("japanese", 2), ("2024", 0), ("size42", 0)]
)
def test_longer_words_may_have_more_typos(term: str, typos: int) -> None:
    assert typos_allowed(term) == typos


@pytest.mark.parametrize(
    ("one", "other", "typos"),
    [
        ("leather", "leather", 0),
        ("leather", "leathr", 1),
        ("leather", "leatherr", 1),
        ("leather", "laether", 1),
        ("leather", "leathor", 1),
        ("leather", "laethre", 2),
        ("ca", "abc", 3),
        ("", "ab", 2),
    ],
)
def test_typos_are_counted(one: str, other: str, typos: int) -> None:
    assert typos_between(one, other, 3) == typos
    assert typos_between(other, one, 3) == typos


@given(letters, letters)
def test_bounded_counting_agrees_with_the_definition(one: str, other: str) -> None:
    exact = _by_definition(one, other)

    for most in (1, 2):
        assert min(typos_between(one, other, most), most + 1) == min(exact, most + 1)


def _by_definition(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    ways = [
        _by_definition(one[1:], other) + 1,
        _by_definition(one, other[1:]) + 1,
        _by_definition(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and len(other) > 1 and (one[0], one[1]) == (other[1], other[0]):
        ways.append(_by_definition(one[2:], other[2:]) + 1)
    return min(ways)


def test_the_first_letter_is_never_a_typo() -> None:
    assert is_near("leather", "leathers")
    assert not is_near("leather", "heather")
    assert not is_near("leather", "")
