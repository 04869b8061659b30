"""Shows where a text matches: a fragment of it, escaped for HTML, with `<mark>` round the words that were meant."""

from collections.abc import Sequence
from html import escape

from services.chassis.search.port import IndexShape, Value
from services.chassis.search.projection import readable
from services.chassis.search.words import Word, is_near, words_in

FRAGMENT_LENGTH = 200
LEAD = 60
"""How much of the text may stand before the first match."""
SCANNED_MOST = 5000
"""A match further on is not shown: looking for it costs more than it tells."""


class Highlighter:
    """Marks the words that one query meant; remembers what it has compared."""

    def __init__(self, terms: Sequence[str], shape: IndexShape) -> None:
        self._terms = terms
        self._fields = list(shape.text)
        self._meant: dict[str, bool] = {}

    def highlights(self, fields: dict[str, Value]) -> dict[str, str]:
        """A fragment of every text field that matches."""
        if not self._terms:
            return {}
        fragments = {field: self._fragment(readable(fields.get(field))[:SCANNED_MOST]) for field in self._fields}
        return {field: fragment for field, fragment in fragments.items() if fragment is not None}

    def _fragment(self, text: str) -> str | None:
        words = words_in(text)
        first = next((word for word in words if self._is_meant(word)), None)
        if first is None:
            return None
        start = 0 if first.start <= LEAD else _word_start(text, first.start - LEAD, first.start)
        end = min(len(text), start + max(FRAGMENT_LENGTH, first.end - start))
        marked = [first]
        for word in words:
            if word.end > end:
                break
            if self._is_meant(word):
                marked.append(word)
        return _render(text, start, _word_end(text, marked[-1].end, end), marked)

    def _is_meant(self, word: Word) -> bool:
        meant = self._meant.get(word.folded)
        if meant is None:
            meant = self._meant[word.folded] = any(is_near(term, word.folded) for term in self._terms)
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


def _render(text: str, start: int, end: int, marked: Sequence[Word]) -> str:
    pieces = ["…"] if start > 0 else []
    at = start
    for word in marked:
        pieces += [escape(text[at : word.start]), "<mark>", escape(text[word.start : word.end]), "</mark>"]
        at = word.end
    pieces.append(escape(text[at:end]))
    if end < len(text):
        pieces.append("…")
    return "".join(pieces)
