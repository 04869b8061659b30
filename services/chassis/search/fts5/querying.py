"""How a request is answered: matching documents go to a temporary table, and are counted, filtered and paged there."""

import sqlite3

from services.chassis.search.cursor import from_cursor, to_cursor
from services.chassis.search.fts5.generation import FIELDS, Generation, columns
from services.chassis.search.fts5.lane import transaction
from services.chassis.search.fts5.ledger import searched
from services.chassis.search.fts5.spelling import exact_match, loose_match, prefix_match
from services.chassis.search.highlight import Highlighter
from services.chassis.search.port import Hit, IndexShape, SearchRequest, SearchResult
from services.chassis.search.request import FACET_VALUES_MOST, INTEGER_MOST, Terms
from services.chassis.search.words import asks_for_all, terms_of

_SCRATCH = """
create temp table if not exists found(doc integer primary key, score real);
create temp table if not exists kept(doc integer primary key, id text, rank);
create temp table if not exists filtered(field text primary key);
create temp table if not exists accepted(field text, value text, primary key(field, value));
create temp table if not exists bounds(field text primary key, low integer, high integer);
delete from found; delete from kept; delete from filtered; delete from accepted; delete from bounds
"""
_FIND_ALL = "insert into found select doc, 0.0 from entry_N where gone_at is null"
# BM25 takes a misspelling for a rare and telling word: what was not found as it was spelt stays below 1.
_FIND_WORDS = """
insert into found
with loose as materialized (select rowid as doc, rank as cost from words_N where words_N match :loose),
     exact as materialized (select rowid as doc, rank as cost from words_N where words_N match :exact)
select loose.doc, coalesce(1 - exact.cost, 0) - loose.cost / (1 - loose.cost) from loose left join exact using (doc)
"""
_OUT_OF_BOUNDS = """
delete from found where exists (
  select 1 from bounds where not exists (
    select 1 from number_N as n
    where n.doc = found.doc and n.field = bounds.field and n.value between bounds.low and bounds.high))
"""
# A document passes when every filtered field, but the one left out, has one of the accepted values.
_PASSES = """
not exists (
  select 1 from filtered where filtered.field <> :left_out and not exists (
    select 1 from accepted cross join keyword_N as k
    on k.doc = found.doc and k.field = accepted.field and k.value = accepted.value
    where accepted.field = filtered.field))
"""
_KEEP_RELEVANT = """
insert into kept select doc, entry_N.id, -score from found join entry_N using (doc) where PASSES
"""
_KEEP_SORTED = """
insert into kept
select doc, entry_N.id, coalesce(:direction * n.value, :last)
from found join entry_N using (doc) left join number_N as n using (doc)
where n.field = :sort and PASSES
union all
select doc, entry_N.id, :last from found join entry_N using (doc)
where not exists (select 1 from number_N as n where n.doc = found.doc and n.field = :sort) and PASSES
"""
_COUNT_FACET = """
select k.value, count(*) as documents from found join keyword_N as k on k.doc = found.doc and k.field = :left_out
where PASSES group by k.value order by documents desc, k.value limit :most
"""
_PAGE = """
select kept.id, kept.rank, entry_N.fields from kept join entry_N using (doc)
where :first or (kept.rank, kept.id) > (:rank, :id) order by kept.rank, kept.id limit :limit
"""
_SUGGEST = """
select suggestion from found join entry_N using (doc) where suggestion <> '' and PASSES
group by suggestion
order by max(substr(suggestion_words, 1, length(:begun)) = :begun) desc, suggestion_length, suggestion limit :limit
"""


def answer(connection: sqlite3.Connection, shape: IndexShape, request: SearchRequest) -> SearchResult:
    """One page, all of it from one snapshot."""
    position = from_cursor(request)
    terms = terms_of(request.text)
    with transaction(connection):
        generation = searched(connection)
        _find(generation, request, terms)
        _keep(generation, request)
        total: int = generation.execute("select count(*) from kept").fetchone()[0]
        facets = {field: _count_facet(generation, field) for field in sorted(request.facets)}
        place = {"first": True, "rank": 0, "id": ""}
        if position is not None:
            place = {"first": False, "rank": position.rank, "id": position.id}
        rows = generation.execute(_PAGE, {**place, "limit": request.limit + 1}).fetchall()
    hits = _hits(rows[: request.limit], request, Highlighter(terms, shape))
    more = len(rows) > request.limit
    following = to_cursor(request, rows[request.limit - 1][1], rows[request.limit - 1][0]) if more else None
    return SearchResult(hits=hits, total=total, facets=facets, next=following)


def complete(connection: sqlite3.Connection, shape: IndexShape, prefix: str, *, limit: int, terms: Terms) -> list[str]:
    """Suggestions that hold all words of `prefix`; those that begin with it first, then the shortest."""
    words = terms_of(prefix)
    if not words:
        return []
    column = f"text_{columns(shape).index(shape.suggest)}"
    with transaction(connection):
        generation = searched(connection)
        _clear(generation)
        _set_filters(generation, terms)
        match = prefix_match(column, words)
        generation.execute("insert into found select rowid, 0.0 from words_N where words_N match ?", (match,))
        parameters = {"begun": " ".join(words), "limit": limit, "left_out": ""}
        rows = generation.execute(_SUGGEST.replace("PASSES", _PASSES), parameters).fetchall()
    return [suggestion for (suggestion,) in rows]


def _find(generation: Generation, request: SearchRequest, terms: list[str]) -> None:
    _clear(generation)
    if terms:
        words = {"loose": loose_match(generation, terms), "exact": exact_match(terms)}
        generation.execute(_FIND_WORDS, words)
    elif asks_for_all(request.text):
        generation.execute(_FIND_ALL)
    for field, bounds in request.ranges.items():
        low = -INTEGER_MOST if bounds.at_least is None else bounds.at_least
        high = INTEGER_MOST if bounds.at_most is None else bounds.at_most
        generation.execute("insert into bounds values (?, ?, ?)", (field, low, high))
    if request.ranges:
        generation.execute(_OUT_OF_BOUNDS)
    _set_filters(generation, request.terms)


def _clear(generation: Generation) -> None:
    for statement in _SCRATCH.split(";"):
        generation.execute(statement)


def _set_filters(generation: Generation, terms: Terms) -> None:
    for field, values in terms.items():
        generation.execute("insert into filtered values (?)", (field,))
        for value in values:
            generation.execute("insert into accepted values (?, ?)", (field, value))


def _keep(generation: Generation, request: SearchRequest) -> None:
    if request.sort is None:
        generation.execute(_KEEP_RELEVANT.replace("PASSES", _PASSES), {"left_out": ""})
        return
    direction = -1 if request.sort.descending else 1
    parameters = {"sort": request.sort.field, "direction": direction, "last": INTEGER_MOST, "left_out": ""}
    generation.execute(_KEEP_SORTED.replace("PASSES", _PASSES), parameters)


def _count_facet(generation: Generation, field: str) -> dict[str, int]:
    parameters = {"left_out": field, "most": FACET_VALUES_MOST}
    return dict(generation.execute(_COUNT_FACET.replace("PASSES", _PASSES), parameters).fetchall())


def _hits(rows: list[tuple[str, float, bytes]], request: SearchRequest, highlighter: Highlighter) -> list[Hit]:
    hits = []
    for document_id, rank, packed in rows:
        fields = FIELDS.decode(packed)
        score = 0.0 if request.sort is not None else max(0.0, -rank)
        hits.append(Hit(id=document_id, score=score, fields=fields, highlights=highlighter.highlights(fields)))
    return hits
