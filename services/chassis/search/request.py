"""What a request may ask of an index of a given shape, whichever engine holds it."""

from collections.abc import Iterable, Mapping

from services.chassis.search.errors import SearchInvalid
from services.chassis.search.port import IndexShape, Range, SearchRequest

LIMIT_MOST = 100
SUGGESTIONS_MOST = 50
FACET_VALUES_MOST = 100
"""A facet lists its most frequent values."""
TERM_VALUES_MOST = 1000
INTEGER_MOST = 2**63 - 1

Terms = Mapping[str, frozenset[str]]


def check_request(request: SearchRequest, shape: IndexShape) -> None:
    """Raises `SearchInvalid`."""
    if not 1 <= request.limit <= LIMIT_MOST:
        raise SearchInvalid(f"a page holds 1 to {LIMIT_MOST} hits")
    check_terms(request.terms, shape)
    _check_fields(request.facets, shape.keyword)
    _check_fields(request.ranges, shape.number)
    if request.sort is not None:
        _check_fields([request.sort.field], shape.number)
    for bounds in request.ranges.values():
        _check_range(bounds)


def check_suggestion(limit: int, terms: Terms, shape: IndexShape) -> None:
    """Raises `SearchInvalid`."""
    if not 1 <= limit <= SUGGESTIONS_MOST:
        raise SearchInvalid(f"1 to {SUGGESTIONS_MOST} suggestions can be had")
    check_terms(terms, shape)


def check_terms(terms: Terms, shape: IndexShape) -> None:
    """Raises `SearchInvalid`."""
    _check_fields(terms, shape.keyword)
    if sum(len(values) for values in terms.values()) > TERM_VALUES_MOST:
        raise SearchInvalid(f"at most {TERM_VALUES_MOST} values can be filtered by")
    if not all(is_plain(value) for values in terms.values() for value in values):
        raise SearchInvalid("a value has characters that no text has")


def is_plain(text: str) -> bool:
    """Whether every engine can hold it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _check_fields(asked: Iterable[str], known: frozenset[str]) -> None:
    for field in asked:
        if field not in known:
            raise SearchInvalid("the index has no such field to filter, count or sort by", known=sorted(known))


def _check_range(bounds: Range) -> None:
    for end in (bounds.at_least, bounds.at_most):
        if end is not None and abs(end) > INTEGER_MOST:
            raise SearchInvalid("an end of a range has more than 63 bits")
