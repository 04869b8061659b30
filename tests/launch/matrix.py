"""Every operation of the merged OpenAPI document, as a request of each kind of caller, and what its rule promises them.

Paths are filled with ids of somebody else's things, so that who is let in by the rule is still refused by the owner.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import Struct

Node = dict[str, object]
Caller = Literal["anonymous", "other user", "seller", "staff", "wrong audience", "expired", "forged header"]
CALLERS: tuple[Caller, ...] = (
    "anonymous",
    "other user",
    "seller",
    "staff",
    "wrong audience",
    "expired",
    "forged header",
)
METHODS = frozenset({"get", "put", "post", "patch", "delete", "head", "options", "trace"})
_PLACE = re.compile(r"\{([^}]+)\}")

_LET_IN: Mapping[str, frozenset[Caller]] = {
    "anyone": frozenset({"anonymous", "other user", "seller", "staff", "forged header"}),
    "user": frozenset({"other user", "seller", "staff"}),
    "seller": frozenset({"seller"}),
    "staff": frozenset({"staff"}),
}
_NOBODY: frozenset[Caller] = frozenset({"wrong audience", "expired"})
"""Whose token is wrong is refused even where none is needed."""


class AccessTold(Struct, frozen=True):
    """`x-souk-access`."""

    who: Literal["anyone", "user", "seller", "staff"]
    scope: str | None
    callers: list[str]


class Operation(Struct, frozen=True, kw_only=True):
    """One method of one path."""

    method: str
    path: str
    access: AccessTold

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def target(self, places: Mapping[str, str]) -> str:
        """The path with every place filled. Raises KeyError for a place that nothing is known of."""
        return _PLACE.sub(lambda place: places[place.group(1)], self.path)

    def admits(self, caller: Caller) -> bool:
        """Whether the rule lets them in; what they then may touch is another question."""
        return caller not in _NOBODY and caller in _LET_IN[self.access.who]


def operations(document: bytes) -> list[Operation]:
    """All of them. Fails for one that does not say who may call it."""
    paths = msgspec.convert(msgspec.json.decode(document, type=Node)["paths"], dict[str, dict[str, Node]])
    return [_operation(path, method, told) for path, method, told in _every(paths)]


def _every(paths: Mapping[str, Mapping[str, Node]]) -> Iterator[tuple[str, str, Node]]:
    for path, methods in paths.items():
        for method, told in methods.items():
            if method in METHODS:
                yield path, method, told


def _operation(path: str, method: str, told: Node) -> Operation:
    try:
        access = msgspec.convert(told["x-souk-access"], AccessTold)
    except (KeyError, msgspec.ValidationError) as unsaid:
        raise AssertionError(f"{method.upper()} {path} does not say who may call it: {unsaid}") from unsaid
    return Operation(method=method.upper(), path=path, access=access)
