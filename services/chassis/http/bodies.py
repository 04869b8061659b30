"""JSON bodies, read at once into the type that the handler asks for.

Strictly: `"2"` is no number, `0` no truth, and no object names a member twice. Litestar would read the body as it likes
and then convert it laxly, as is right for query strings.
"""

import json
import re

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException, SerializationException, ValidationException

from services.chassis.errors import Malformed
from services.chassis.identity.tokens import IdentityClaims

_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def _require_distinct(members: list[tuple[str, object]]) -> None:
    """Which of two values counts, every parser decides by itself: what one has checked, another may not use."""
    if len({name for name, _ in members}) < len(members):
        raise Malformed("the body names a member of an object twice")


_DISTINCT = json.JSONDecoder(object_pairs_hook=_require_distinct, parse_int=str, parse_float=str)
"""Reads nothing but names: whatever is well formed has been read by msgspec already."""


class StrictRequest(Request[object, IdentityClaims | None, State]):
    """What every handler is given."""

    async def json(self) -> object:
        """The body. Raises `Malformed`, `ValidationException`, `SerializationException` for what is no JSON."""
        self._require_json()
        body = await self.body()
        if _NUL.search(body):
            raise Malformed("the body holds a NUL character, which no text here may")
        field = self.route_handler.parsed_data_field
        try:
            read: object = msgspec.json.decode(body, type=object if field is None else field.annotation)
        except msgspec.ValidationError as unfit:
            raise ValidationException(extra=[_told(unfit)]) from unfit
        except msgspec.DecodeError as unreadable:
            raise SerializationException(str(unreadable)) from unreadable
        _DISTINCT.decode(body.decode())
        return read

    def _require_json(self) -> None:
        """A body that says nothing of its type is taken for JSON."""
        told = self.headers.get("content-type")
        if told is not None and not _JSON.match(told):
            raise HTTPException(status_code=415, detail="send JSON, as application/json")


def _told(unfit: msgspec.ValidationError) -> dict[str, str]:
    """As Litestar tells of parameters."""
    message, _, place = str(unfit).partition(" - at `$")
    return {"message": message, "key": place.strip("`."), "source": "body"}
