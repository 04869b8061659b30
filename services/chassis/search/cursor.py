"""Where a page of hits ended, as text that clients hand back. It fits only the search that gave it."""

import base64
import binascii
import hashlib
import math

import msgspec
from msgspec import Struct

from services.chassis.search.errors import CursorUnknown
from services.chassis.search.port import SearchRequest
from services.chassis.search.request import INTEGER_MOST, is_plain

LENGTH_MOST = 2000


class Position(Struct, frozen=True, array_like=True):
    """The last hit of a page, as its engine sorts."""

    search: str
    rank: int | float
    id: str


def fingerprint(request: SearchRequest) -> str:
    """The same for the pages of one search."""
    search = (request.text, request.terms, request.ranges, request.sort)
    text = repr(msgspec.to_builtins(search, order="deterministic"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def to_cursor(request: SearchRequest, rank: float, document_id: str) -> str:
    """The cursor behind this hit."""
    position = msgspec.json.encode(Position(fingerprint(request), rank, document_id))
    return base64.urlsafe_b64encode(position).rstrip(b"=").decode()


def from_cursor(request: SearchRequest) -> Position | None:
    """Where to go on; None for a first page. Raises `CursorUnknown`."""
    if request.cursor is None:
        return None
    position = _decode(request.cursor)
    if position.search != fingerprint(request) or not _is_sane(position, by_relevance=request.sort is None):
        raise CursorUnknown("the cursor belongs to another search")
    return position


def _decode(cursor: str) -> Position:
    if len(cursor) > LENGTH_MOST or not cursor.isascii():
        raise CursorUnknown("the cursor is not one of ours")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=Position)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise CursorUnknown("the cursor is not one of ours") from wrong


def _is_sane(position: Position, *, by_relevance: bool) -> bool:
    if not is_plain(position.id):
        return False
    if by_relevance:
        return math.isfinite(position.rank)
    return isinstance(position.rank, int) and abs(position.rank) <= INTEGER_MOST + 1
