"""A request in the words of Elasticsearch."""

from collections.abc import Mapping

from services.chassis.search.cursor import Position
from services.chassis.search.elastic.mapping import Json
from services.chassis.search.port import IndexShape, Range, SearchRequest
from services.chassis.search.request import FACET_VALUES_MOST, Terms
from services.chassis.search.words import asks_for_all, terms_of, typos_allowed

EXPANSIONS_MOST = 50
PRESENT: Json = {"term": {"gone": False}}


def search_body(request: SearchRequest, shape: IndexShape, position: Position | None) -> Json:
    """Filters on counted fields come after the counting, so that a facet can leave its own out."""
    counted = {field: values for field, values in request.terms.items() if field in request.facets}
    others = {field: values for field, values in request.terms.items() if field not in request.facets}
    body: Json = {
        "query": _query(request, shape, [*_ranges(request.ranges), *term_filters(others)]),
        "post_filter": {"bool": {"filter": term_filters(counted)}},
        "aggs": {field: _facet(field, counted) for field in sorted(request.facets)},
        "sort": _sort(request),
        "size": request.limit + 1,
        "_source": ["fields"],
        "track_total_hits": True,
    }
    if position is not None:
        body["search_after"] = [position.rank, position.id]
    return body


def suggest_body(prefix: str, shape: IndexShape, *, limit: int, terms: Terms) -> Json:
    """Hits are collapsed to distinct suggestions, in order."""
    words = terms_of(prefix)
    field = f"words.{shape.suggest}"
    held = [{"term": {field: word}} for word in words[:-1]]
    begun = {"prefix": {field: {"value": words[-1]}}}
    named = {"bool": {"must_not": {"term": {"suggestion": ""}}}}
    starts = {"constant_score": {"filter": {"prefix": {"suggestion_words": " ".join(words)}}}}
    return {
        "query": {"bool": {"filter": [PRESENT, *held, begun, named, *term_filters(terms)], "should": [starts]}},
        "collapse": {"field": "suggestion"},
        "sort": [{"_score": "desc"}, {"suggestion_length": "asc"}, {"suggestion": "asc"}],
        "size": limit,
        "_source": ["suggestion"],
    }


def term_filters(terms: Terms) -> list[Json]:
    """One filter a field: any of its values."""
    return [{"terms": {f"keywords.{field}": sorted(values)}} for field, values in terms.items()]


def _query(request: SearchRequest, shape: IndexShape, filters: list[Json]) -> Json:
    words = terms_of(request.text)
    fields = [f"words.{field}^{weight}" for field, weight in shape.text.items()]
    must: list[Json] = [_meant(word, fields) for word in words]
    if not words and not asks_for_all(request.text):
        must.append({"match_none": {}})
    # As it was spelt ranks higher than what it may have meant.
    spelt = [{"multi_match": {"query": word, "fields": fields, "type": "most_fields"}} for word in words]
    return {"bool": {"must": must, "should": spelt, "minimum_should_match": 0, "filter": [PRESENT, *filters]}}


def _meant(word: str, fields: list[str]) -> Json:
    return {
        "multi_match": {
            "query": word,
            "fields": fields,
            "type": "most_fields",
            "fuzziness": typos_allowed(word),
            "prefix_length": 1,
            "max_expansions": EXPANSIONS_MOST,
        }
    }


def _ranges(ranges: Mapping[str, Range]) -> list[Json]:
    return [
        {"range": {f"numbers.{field}": {"gte": bounds.at_least, "lte": bounds.at_most}}}
        for field, bounds in ranges.items()
    ]


def _facet(field: str, counted: Terms) -> Json:
    others = {other: values for other, values in counted.items() if other != field}
    order = [{"_count": "desc"}, {"_key": "asc"}]
    values = {"terms": {"field": f"keywords.{field}", "size": FACET_VALUES_MOST, "order": order}}
    return {"filter": {"bool": {"filter": term_filters(others)}}, "aggs": {"values": values}}


def _sort(request: SearchRequest) -> list[Json]:
    if request.sort is None:
        return [{"_score": "desc"}, {"id": "asc"}]
    order = "desc" if request.sort.descending else "asc"
    # Unmapped is a field that came with a new shape, as long as no document has it.
    by_number = {"order": order, "missing": "_last", "unmapped_type": "long"}
    return [{f"numbers.{request.sort.field}": by_number}, {"id": "asc"}]
