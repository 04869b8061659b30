import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.search.highlight import FRAGMENT_LENGTH, Highlighter
from services.chassis.search.port import IndexShape, Value
from services.chassis.search.words import terms_of
from tests.chassis.search.catalogue import SHAPE

MARKS = re.compile("</?mark>")


def _marked(query: str, shape: IndexShape = SHAPE, /, **fields: Value) -> dict[str, str]:
    return Highlighter(terms_of(query), shape).highlights(fields)


def test_every_word_that_was_meant_is_marked() -> None:
    marked = _marked("red shose", title="Red shoes, RÉD socks, blue shirt")

    assert marked == {
        "title": "<mark>Red</mark> <mark>shoes</mark>, <mark>RÉD</mark> socks, blue shirt",
    }


def test_only_fields_that_match_are_shown() -> None:
    assert _marked("red", title="Blue", description="A red one", brand="red") == {
        "description": "A <mark>red</mark> one"
    }


def test_a_long_text_is_cut_between_words_round_the_first_match() -> None:
    text = "before " * 50 + "needle " + "after " * 100

    fragment = _marked("needle", title=text)["title"]

    assert fragment.startswith("…before ")
    assert fragment.endswith(" after…")
    assert "<mark>needle</mark>" in fragment
    assert len(MARKS.sub("", fragment)) <= FRAGMENT_LENGTH + 2


def test_a_text_without_spaces_is_cut_as_well() -> None:
    text = "(" * 500 + "needle" + ")" * 500

    fragment = _marked("needle", title=text)["title"]

    assert fragment == "…<mark>needle</mark>…"


def test_a_match_far_into_a_text_is_not_shown() -> None:
    assert _marked("needle", title="hay " * 5000 + "needle") == {}


def test_lists_are_shown_as_one_text() -> None:
    assert _marked("red", title=["blue", "red"]) == {"title": "blue <mark>red</mark>"}


@given(st.text(), st.text())
def test_without_its_marks_a_fragment_is_escaped_text_of_the_field(query: str, text: str) -> None:
    for fragment in _marked(query, title=text).values():
        bare = MARKS.sub("", fragment)
        assert "<" not in bare
        assert ">" not in bare
        assert fragment.count("<mark>") == fragment.count("</mark>") > 0
        assert unescape(bare).strip("…")


@given(st.text("abcé \u2019'<&", max_size=60))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    assert bool(_marked(text, title=text)) is bool(terms_of(text))
