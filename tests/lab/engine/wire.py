"""Property values as the engine sends them: JSON in which secrets and what is not yet known are marked.

What the values mean to a cluster is known to the plugins.
"""

from collections.abc import Callable
from typing import TypeAlias

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Object: TypeAlias = dict[str, Json]

# The engine's own constants; any value may be wrapped so.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands in a preview for a value that only the update will give."""


def received(struct: Struct) -> Object:
    """As the engine sent it, with whole numbers as integers, since a Struct knows floats alone."""
    return object_at(_integral(MessageToDict(struct)))


def sent(value: Object) -> Struct:
    struct = Struct()
    struct.update(value)
    return struct


def object_at(value: Json, *path: str) -> Object:
    """The object at the end of the path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def list_at(value: Json, *path: str) -> list[Json]:
    found = at(value, *path)
    return found if isinstance(found, list) else []


def text_at(value: Json, *path: str) -> str:
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number_at(value: Json, *path: str, default: int = 0) -> int:
    found = at(value, *path)
    return int(found) if isinstance(found, int | float) else default


def at(value: Json, *path: str) -> Json:
    """What is there, or None."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def secret(value: Json) -> Json:
    """Marked, so that the engine encrypts it; a secret is not wrapped twice."""
    return value if is_secret(value) else {_SIGNATURE: _SECRET, "value": value}


def is_secret(value: Json) -> bool:
    return isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET


def is_asset(value: Json) -> bool:
    return isinstance(value, dict) and value.get(_SIGNATURE) in {_ASSET, _ARCHIVE}


def opened(value: Json) -> Json:
    """Without the marks of secrets: what a server is sent."""
    if isinstance(value, dict) and is_secret(value):
        return opened(value.get("value"))
    return _each(value, opened)


def opened_object(value: Json) -> Object:
    return object_at(opened(value))


def sealed(value: Json, like: Json) -> Json:
    """The value, with a secret wherever `like` has one: what came in secret does not go out plain."""
    if is_secret(like):
        return secret(value)
    if isinstance(value, dict) and isinstance(like, dict):
        return {key: sealed(item, like.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(like, list):
        rest = [None] * (len(value) - len(like))
        return [sealed(item, other) for item, other in zip(value, [*like, *rest], strict=False)]
    return value


def has_unknown(value: Json) -> bool:
    """Whether anything in it is not yet known."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value == UNKNOWN


def _integral(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _each(value, _integral)


def _each(value: Json, change: Callable[[Json], Json]) -> Json:
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    if isinstance(value, list):
        return [change(item) for item in value]
    return value
