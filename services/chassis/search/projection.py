"""A document as engines index it: folded words, exact values, integers, its suggestion, and itself to give back."""

import math
import unicodedata
from collections.abc import Iterable

from msgspec import Struct

from services.chassis.search.errors import DocumentInvalid
from services.chassis.search.port import Document, IndexShape, Value
from services.chassis.search.request import INTEGER_MOST, is_plain
from services.chassis.search.words import folded_words

ID_BYTES_MOST = 512
KEYWORD_LENGTH_MOST = 1024
SUGGESTION_LENGTH_MOST = 256
TEXT_LENGTH_MOST = 100_000
"""Of a longer text the beginning is searched."""


class Projection(Struct, frozen=True, kw_only=True):
    """What is written for one document."""

    id: str
    version: int
    words: dict[str, str]
    keywords: dict[str, list[str]]
    numbers: dict[str, int]
    suggestion: str
    suggestion_words: str
    fields: dict[str, Value]


def project(document: Document, shape: IndexShape) -> Projection:
    """Raises `DocumentInvalid`."""
    check_entry(document.id, document.version)
    fields = document.fields
    _check_known(fields, shape)
    suggestion = " ".join(readable(fields.get(shape.suggest)).split())[:SUGGESTION_LENGTH_MOST]
    return Projection(
        id=document.id,
        version=document.version,
        words={field: " ".join(folded_words(readable(fields.get(field)))) for field in shape.text},
        keywords={field: _keywords(fields.get(field)) for field in shape.keyword},
        numbers={field: _number(value) for field in shape.number if (value := fields.get(field)) is not None},
        suggestion=suggestion,
        suggestion_words=" ".join(folded_words(suggestion)),
        fields=fields,
    )


def check_entry(document_id: str, version: int) -> None:
    """Raises `DocumentInvalid` for an id or a version that no engine can hold."""
    if not is_plain(document_id) or not 1 <= len(document_id.encode()) <= ID_BYTES_MOST:
        raise DocumentInvalid(f"an id has 1 to {ID_BYTES_MOST} bytes of text")
    if not 0 <= version < INTEGER_MOST:
        raise DocumentInvalid("a version is a whole number of at most 63 bits")


def readable(value: Value) -> str:
    """The text of a field, composed, so that a letter is one character."""
    return unicodedata.normalize("NFC", " ".join(_texts(value))[:TEXT_LENGTH_MOST])


def _check_known(fields: dict[str, Value], shape: IndexShape) -> None:
    unknown = fields.keys() - shape.text.keys() - shape.keyword - shape.number - shape.stored
    if unknown:
        raise DocumentInvalid("the index has no such field", unknown=sorted(unknown))
    for field, value in fields.items():
        if not _can_be_kept(value):
            raise DocumentInvalid("a value cannot be stored", field=field)


def _can_be_kept(value: Value) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) <= INTEGER_MOST
    return all(is_plain(text) for text in _texts(value))


def _texts(value: Value) -> Iterable[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(value)]


def _keywords(value: Value) -> list[str]:
    keywords = sorted(set(_texts(value)))
    if any(len(keyword) > KEYWORD_LENGTH_MOST for keyword in keywords):
        raise DocumentInvalid(f"an exact value has at most {KEYWORD_LENGTH_MOST} characters")
    return keywords


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise DocumentInvalid("a number is a whole number")
    return int(value)
