"""Lists: `{"items": […], "next": cursor or null}`. A cursor is the last row's sort key, opaque to clients."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter
from msgspec import Struct

from services.chassis.errors import Malformed

T = TypeVar("T")
Key = TypeVar("Key")
LIMIT_DEFAULT = 20
LIMIT_MOST = 100

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=LIMIT_MOST, description="Most entries to return")]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512, description="`next` of the page before")]


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """One page; `next` is null on the last."""

    items: list[T]
    next: str | None = None


class CursorMalformed(Malformed):
    """The cursor is not one that this list gave."""

    code = "cursor_malformed"
    title = "Malformed cursor"


def to_cursor(key: object) -> str:
    """Any msgspec-encodable sort key as URL-safe text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def from_cursor(cursor: str, key: type[Key]) -> Key:
    """The sort key again. Raises `CursorMalformed`."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=key)
    except (binascii.Error, ValueError, msgspec.DecodeError) as wrong:
        raise CursorMalformed("the cursor is not one that this list gave") from wrong


def paginate(rows: Sequence[T], *, limit: int, key: Callable[[T], object]) -> Page[T]:
    """A page of `limit` from up to `limit + 1` rows: the extra row tells that there are more."""
    kept = list(rows[:limit])
    more = len(rows) > limit
    return Page(items=kept, next=to_cursor(key(kept[-1])) if more else None)
