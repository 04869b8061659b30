"""The catalogue in the search engine: which fields are found by what, how a listing becomes a document, and a buyer's
search a request. What is due to be indexed is known to `store.indexing`.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from services.chassis.clock import Clock
from services.chassis.imports import left_out
from services.chassis.search.fts5 import Fts5Index
from services.chassis.search.port import Document, IndexShape, Range, SearchIndex, SearchRequest, Sort, Value
from services.items.domain.listings import Document as ItemDocument
from services.items.domain.searching import BUILT_IN_FACETS, Search

INDEX_NAME = "souk-items"
ATTRIBUTE = "attribute_"

_SORTS = {
    "relevance": None,
    "newest": Sort(field="listed_at_ms", descending=True),
    "price_asc": Sort(field="price_minor"),
    "price_desc": Sort(field="price_minor", descending=True),
}


def shape(filters: Sequence[str]) -> IndexShape:
    """`filters` are the attributes that searches may filter and count by."""
    return IndexShape(
        text={
            "title": 6.0,
            "variants": 2.0,
            "seller_name": 2.0,
            "details": 1.5,
            "description": 1.0,
        },
        keyword=frozenset({*BUILT_IN_FACETS, *(ATTRIBUTE + key for key in filters)}),
        number=frozenset({"price_minor", "listed_at_ms"}),
        suggest="title",
        stored=frozenset(),
    )


def open_index(url: str, filters: Sequence[str], *, clock: Clock) -> SearchIndex:
    """`sqlite:///path` is a file of its own, `http://…` Elasticsearch. Nothing connects yet."""
    if url.startswith("sqlite:"):
        return Fts5Index(Path(url.removeprefix("sqlite:///")), shape(filters), clock=clock)
    # Elasticsearch's transport loads every HTTP client that is installed: 17 MiB, of which it needs one for TLS.
    with left_out("httpx", "requests", *(() if url.startswith("https:") else ("aiohttp",))):
        from services.chassis.search.elastic import ElasticIndex, connect_elasticsearch

    return ElasticIndex(connect_elasticsearch(url), INDEX_NAME, shape(filters), clock=clock)


def document_of(encoded: bytes, filters: Sequence[str], *, in_stock: bool, revision: int) -> Document:
    """Of a listing's document."""
    item = msgspec.json.decode(encoded, type=ItemDocument)
    pairs = set(item.attributes.items()).union(*(variant.attributes.items() for variant in item.variants))
    fields: dict[str, Value] = {
        "title": item.title,
        "variants": [part for variant in item.variants for part in (variant.title, variant.sku) if part],
        "seller_name": item.seller.name,
        "details": sorted(value for _, value in pairs),
        "description": item.description,
        "category": item.category,
        "seller": item.seller.slug,
        "currency": item.price_from.currency,
        "in_stock": in_stock,
        "price_minor": item.price_from.minor,
        "listed_at_ms": int(item.listed_at.timestamp() * 1000),
    }
    for key in filters:
        fields[ATTRIBUTE + key] = sorted(value for name, value in pairs if name == key)
    return Document(id=str(item.id), version=revision, fields=fields)


def request_of(search: Search, inside: frozenset[str] | None, cursor: str | None) -> SearchRequest:
    """`inside` are the category asked for and all in it."""
    terms = {ATTRIBUTE + key: values for key, values in search.attributes.items()}
    if inside is not None:
        terms["category"] = inside
    if search.sellers:
        terms["seller"] = search.sellers
    if search.currency is not None:
        terms["currency"] = frozenset({search.currency})
    if search.in_stock:
        terms["in_stock"] = frozenset({"true"})
    priced = search.price_at_least is not None or search.price_at_most is not None
    price = Range(at_least=search.price_at_least, at_most=search.price_at_most)
    return SearchRequest(
        text=search.text,
        terms=terms,
        ranges={"price_minor": price} if priced else {},
        facets=frozenset(field_of(facet) for facet in search.facets),
        sort=_SORTS[search.sort],
        limit=search.limit,
        cursor=cursor,
    )


def field_of(facet: str) -> str:
    """The index's field for a facet."""
    return facet if facet in BUILT_IN_FACETS else ATTRIBUTE + facet
