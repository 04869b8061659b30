"""JSON bodies, read at once into the type that the handler asks for.

Strictly: `"2"` is no number and `0` no truth. Litestar would read the body as it likes and then convert it laxly, as
is right for query strings.
"""

import re

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import SerializationException, ValidationException

from services.chassis.errors import Malformed
from services.chassis.identity.tokens import IdentityClaims

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class StrictRequest(Request[object, IdentityClaims | None, State]):
    """What every handler is given."""

    async def json(self) -> object:
        """The body. Raises `Malformed`, `ValidationException`, `SerializationException` for what is no JSON."""
        body = await self.body()
        if _NUL.search(body):
            raise Malformed("the body holds a NUL character, which no text here may")
        field = self.route_handler.parsed_data_field
        try:
            return msgspec.json.decode(body, type=object if field is None else field.annotation)
        except msgspec.ValidationError as unfit:
            raise ValidationException(extra=[_told(unfit)]) from unfit
        except msgspec.DecodeError as unreadable:
            raise SerializationException(str(unreadable)) from unreadable


def _told(unfit: msgspec.ValidationError) -> dict[str, str]:
    """As Litestar tells of parameters."""
    message, _, place = str(unfit).partition(" - at `$")
    return {"message": message, "key": place.strip("`."), "source": "body"}
