"""What Elasticsearch answers, as far as it is read here. Whatever else comes is as good as no answer."""

from typing import NoReturn, TypeVar

import msgspec
from msgspec import Struct, field

from services.chassis.search.cursor import to_cursor
from services.chassis.search.errors import DocumentInvalid, SearchAway
from services.chassis.search.highlight import Highlighter
from services.chassis.search.port import Hit, SearchRequest, SearchResult, Value

Told = TypeVar("Told")

_CONFLICT, _MISSING, _BUSY, _FAULT = 409, 404, 429, 500


class _Source(Struct, frozen=True):
    fields: dict[str, Value] = {}
    suggestion: str = ""


class _Found(Struct, frozen=True):
    id: str = field(name="_id")
    score: float | None = field(name="_score")
    source: _Source = field(name="_source")
    sort: list[int | float | str]


class _Total(Struct, frozen=True):
    value: int


class _Hits(Struct, frozen=True):
    hits: list[_Found]
    total: _Total


class _Bucket(Struct, frozen=True):
    key: str
    doc_count: int


class _Buckets(Struct, frozen=True):
    buckets: list[_Bucket]


class _Facet(Struct, frozen=True):
    values: _Buckets


class _Answer(Struct, frozen=True):
    hits: _Hits
    aggregations: dict[str, _Facet] = {}


class _Failure(Struct, frozen=True):
    reason: str = ""


class _Written(Struct, frozen=True):
    index: str = field(name="_index")
    status: int
    error: _Failure | None = None

    @property
    def reason(self) -> str:
        return "" if self.error is None else self.error.reason


class _Bulk(Struct, frozen=True):
    errors: bool
    items: list[dict[str, _Written]]


class _Count(Struct, frozen=True):
    count: int


class _Index(Struct, frozen=True):
    aliases: dict[str, object]


_ANSWER = msgspec.json.Decoder(_Answer)
_BULK = msgspec.json.Decoder(_Bulk)
_COUNT = msgspec.json.Decoder(_Count)
_INDICES = msgspec.json.Decoder(dict[str, _Index])


def read_page(body: bytes, request: SearchRequest, highlighter: Highlighter) -> SearchResult:
    """The page; the answer holds one hit more if there is another."""
    answer = _read(body, _ANSWER)
    found = answer.hits.hits[: request.limit]
    hits = [
        Hit(
            id=one.id,
            score=one.score or 0.0,
            fields=one.source.fields,
            highlights=highlighter.highlights(one.source.fields),
        )
        for one in found
    ]
    facets = {
        name: {bucket.key: bucket.doc_count for bucket in facet.values.buckets}
        for name, facet in answer.aggregations.items()
    }
    more = len(answer.hits.hits) > request.limit
    following = _cursor(request, found[-1]) if more else None
    return SearchResult(hits=hits, total=answer.hits.total.value, facets=facets, next=following)


def read_suggestions(body: bytes) -> list[str]:
    """In the order of the answer."""
    return [one.source.suggestion for one in _read(body, _ANSWER).hits.hits]


def read_count(body: bytes) -> int:
    """How many."""
    return _read(body, _COUNT).count


def read_aliases(body: bytes) -> dict[str, set[str]]:
    """Index → its aliases."""
    return {name: set(index.aliases) for name, index in _read(body, _INDICES).items()}


def read_missing(body: bytes) -> frozenset[str]:
    """The names written to that nothing lies behind. A version that is not newer is no failure.

    Raises `SearchAway` for what may be written later, `DocumentInvalid` for what never can.
    """
    bulk = _read(body, _BULK)
    if not bulk.errors:
        return frozenset()
    results = [result for item in bulk.items for result in item.values() if result.error is not None]
    for result in results:
        if result.status not in {_CONFLICT, _MISSING}:
            _refuse(result.status, result.reason)
    return frozenset(result.index for result in results if result.status == _MISSING)


def _read(body: bytes, decoder: msgspec.json.Decoder[Told]) -> Told:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as strange:
        raise SearchAway(f"the search engine's answer cannot be read: {strange}") from strange


def _refuse(status: int, reason: str) -> NoReturn:
    if status == _BUSY or status >= _FAULT:
        raise SearchAway(f"the search engine did not write: {reason}")
    raise DocumentInvalid(f"the search engine refused a document: {reason}")


def _cursor(request: SearchRequest, last: _Found) -> str:
    rank = last.sort[0]
    if isinstance(rank, str):
        raise TypeError(f"the search engine sorted by {rank!r}")
    return to_cursor(request, rank, last.id)
