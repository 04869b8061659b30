"""How documents lie in an index of Elasticsearch."""

from services.chassis.search.port import IndexShape
from services.chassis.search.projection import Projection

Json = dict[str, object]

SETTINGS: Json = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "500ms",
}
_WORDS: Json = {"type": "text", "analyzer": "whitespace"}
_COMPLETED: Json = {**_WORDS, "index_prefixes": {"min_chars": 1, "max_chars": 10}}
_KEYWORD: Json = {"type": "keyword"}
_INTEGER: Json = {"type": "long"}


def mapping(shape: IndexShape) -> Json:
    """The words are folded before they come here, and split at spaces alone."""
    words = {field: _COMPLETED if field == shape.suggest else _WORDS for field in shape.text}
    properties: Json = {
        "id": _KEYWORD,
        "gone": {"type": "boolean"},
        "gone_at": _INTEGER,
        "words": {"properties": words},
        "keywords": {"properties": dict.fromkeys(shape.keyword, _KEYWORD)},
        "numbers": {"properties": dict.fromkeys(shape.number, _INTEGER)},
        "suggestion": _KEYWORD,
        "suggestion_words": _KEYWORD,
        "suggestion_length": _INTEGER,
        "fields": {"type": "object", "enabled": False},
    }
    return {"dynamic": False, "properties": properties}


def entry(projection: Projection) -> Json:
    """A document."""
    return {
        "id": projection.id,
        "gone": False,
        "words": projection.words,
        "keywords": projection.keywords,
        "numbers": projection.numbers,
        "suggestion": projection.suggestion,
        "suggestion_words": projection.suggestion_words,
        "suggestion_length": len(projection.suggestion),
        "fields": projection.fields,
    }


def tombstone(document_id: str, *, at: float) -> Json:
    """What stays of a removed one. Elasticsearch forgets the version of a truly deleted document within a minute."""
    return {"id": document_id, "gone": True, "gone_at": int(at)}
