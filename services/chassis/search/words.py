"""What a word is, and when two of them are taken for the same: the one analysis that both engines share.

Engines get words that are already folded, and split them at spaces only; so they agree on what matches.
"""

import re
import unicodedata
from collections.abc import Iterator

TERMS_MOST = 12
"""Of a longer query the first distinct words count."""
WORD_LENGTH_MOST = 64
ONE_TYPO_FROM = 4
TWO_TYPOS_FROM = 8

_WORD = re.compile(r"[^\W_]+(?:['\u2019\u0300-\u036f]+[^\W_]+)*[\u0300-\u036f]*")
_UNDECOMPOSED = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"})


def fold(word: str) -> str:
    """Without case, accents, ligatures and apostrophes; at most `WORD_LENGTH_MOST` letters and digits."""
    if word.isascii() and word.isalnum():
        return word.lower()[:WORD_LENGTH_MOST]
    lowered = unicodedata.normalize("NFKD", word).casefold().translate(_UNDECOMPOSED)
    letters = (letter for letter in unicodedata.normalize("NFKD", lowered) if letter.isalnum())
    return "".join(letters)[:WORD_LENGTH_MOST]


def words_in(text: str) -> Iterator[re.Match[str]]:
    """The words as they are written, with their places, left to right."""
    return _WORD.finditer(text)


def folded_words(text: str) -> Iterator[str]:
    """The words as they are compared, left to right."""
    folded = (fold(word.group()) for word in words_in(text))
    return (word for word in folded if word)


def terms_of(query: str) -> list[str]:
    """The distinct words of a query, in order."""
    terms: dict[str, None] = {}
    for word in folded_words(query):
        terms[word] = None
        if len(terms) == TERMS_MOST:
            break
    return list(terms)


def asks_for_all(query: str) -> bool:
    """Whether there is nothing in it. A query of signs alone has something in it, which no document has."""
    return not query.strip()


def typos_allowed(term: str) -> int:
    """One from four letters on, two from eight. In what has a digit, none: sizes and years are not misspelt names."""
    if len(term) < ONE_TYPO_FROM or not term.isalpha():
        return 0
    return 1 if len(term) < TWO_TYPOS_FROM else 2


def is_near(term: str, word: str) -> bool:
    """Whether `word` is `term`, or a misspelling of it that begins with the same letter."""
    if term == word:
        return True
    if word[:1] != term[0]:
        return False
    most = typos_allowed(term)
    return most > 0 and typos_between(term, word, most) <= most


def typos_between(one: str, other: str, most: int) -> int:
    """Letters added, left out, changed or swapped with their neighbour; any number above `most` means too many."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    one, other = _without_common_ends(one, other)
    if not one or not other:
        return len(one) + len(other)
    older: list[int] = []
    last = list(range(len(other) + 1))
    for i in range(1, len(one) + 1):
        row = _next_row(one, other, i, older, last)
        if min(row) > most:
            return most + 1
        older, last = last, row
    return last[-1]


def _next_row(one: str, other: str, i: int, older: list[int], last: list[int]) -> list[int]:
    """Of the table of distances between the first `i` letters of `one` and the beginnings of `other`."""
    row = [i]
    for j in range(1, len(other) + 1):
        changed = last[j - 1] + (one[i - 1] != other[j - 1])
        least = min(changed, last[j] + 1, row[j - 1] + 1)
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            least = min(least, older[j - 2] + 1)
        row.append(least)
    return row


def _without_common_ends(one: str, other: str) -> tuple[str, str]:
    shorter = min(len(one), len(other))
    start = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]
