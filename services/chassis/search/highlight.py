"""Shows where a text matches: a fragment of it, escaped for HTML, with `<mark>` round the words that were meant."""

from collections.abc import Sequence
from html import escape
from itertools import takewhile
from string import ascii_letters, digits

from services.chassis.search.port import IndexShape, Value
from services.chassis.search.projection import readable
from services.chassis.search.words import fold, is_near, words_in

FRAGMENT_LENGTH = 200
LEAD = 60
"""How much of the text may stand before the first match."""
SCANNED_MOST = 5000
"""A match further on is not shown: looking for it costs more than it tells."""

Span = tuple[int, int]
"""Where a word begins, and what is behind it."""


class Highlighter:
    """Marks the words that one query meant; remembers what it has compared."""

    def __init__(self, terms: Sequence[str], shape: IndexShape) -> None:
        self._terms = terms
        self._fields = list(shape.text)
        self._meant: dict[str, bool] = {}
        # A match begins with the letter of its term, so that most words need no comparison.
        initials = {term[0] for term in terms}
        self._other_initials = {letter for letter in ascii_letters + digits if letter.lower() not in initials}

    def highlights(self, fields: dict[str, Value]) -> dict[str, str]:
        """A fragment of every text field that matches."""
        if not self._terms:
            return {}
        fragments = {field: self._fragment(readable(fields.get(field))[:SCANNED_MOST]) for field in self._fields}
        return {field: fragment for field, fragment in fragments.items() if fragment is not None}

    def _fragment(self, text: str) -> str | None:
        words = words_in(text)
        first = next((word.span() for word in words if self._is_meant(word.group())), None)
        if first is None:
            return None
        start = 0 if first[0] <= LEAD else _word_start(text, first[0] - LEAD, first[0])
        end = min(len(text), max(start + FRAGMENT_LENGTH, first[1]))
        within = takewhile(lambda word: word.end() <= end, words)
        marked = [first, *(word.span() for word in within if self._is_meant(word.group()))]
        return _render(text, start, _word_end(text, marked[-1][1], end), marked)

    def _is_meant(self, word: str) -> bool:
        if word[0] in self._other_initials:
            return False
        meant = self._meant.get(word)
        if meant is None:
            folded = fold(word)
            meant = self._meant[word] = any(is_near(term, folded) for term in self._terms)
        return meant


def _word_start(text: str, earliest: int, latest: int) -> int:
    """Behind the first space in between, so that no word is cut."""
    space = text.find(" ", earliest, latest)
    return latest if space < 0 else space + 1


def _word_end(text: str, earliest: int, latest: int) -> int:
    """Before the last space in between."""
    if latest == len(text):
        return latest
    space = text.rfind(" ", earliest, latest)
    return earliest if space < 0 else space


def _render(text: str, start: int, end: int, marked: Sequence[Span]) -> str:
    pieces = ["…"] if start > 0 else []
    at = start
    for begin, behind in marked:
        pieces += [escape(text[at:begin]), "<mark>", escape(text[begin:behind]), "</mark>"]
        at = behind
    pieces.append(escape(text[at:end]))
    if end < len(text):
        pieces.append("…")
    return "".join(pieces)
