"""From a request target to its route. Only plain targets are routed: what could be read in two ways is refused."""

import re
from collections.abc import Iterable, Mapping
from typing import Generic, Protocol, TypeVar

from services.gateway.domain.refusals import AmbiguousTarget, NoSuchRoute

TARGET_BYTES_MOST = 4096
REMEMBERED = 4096
REMEMBERED_BYTES = 256

_SEGMENT = rb"(?!\.{1,2}(?:/|\?|$))(?:[A-Za-z0-9_~!$&'()*+,:@=.-]|%(?!2[EeFf]|5[Cc]|25|7[Ff]|[01])[0-9A-Fa-f]{2})+"
_QUERY = rb"(?:[A-Za-z0-9_~!$&'()*+,:;@=./?\[\]|^-]|%[0-9A-Fa-f]{2})*"
_PLAIN = re.compile(rb"(?:/|(?:/%b)+)(?:\?%b)?" % (_SEGMENT, _QUERY))


class Ruled(Protocol):
    """What stands in a table."""

    @property
    def path(self) -> str:
        """With names in braces."""

    @property
    def methods(self) -> frozenset[str]:
        """Those it is for."""


Row = TypeVar("Row", bound=Ruled)


class _Node(Generic[Row]):
    """One segment of the tree of paths."""

    __slots__ = ("any", "literal", "names", "rows")

    def __init__(self) -> None:
        self.literal: dict[bytes, _Node[Row]] = {}
        self.any: _Node[Row] | None = None
        self.rows: dict[str, Row] = {}
        self.names: tuple[tuple[int, str], ...] = ()

    def below(self, segment: str) -> "_Node[Row]":
        if not segment.startswith("{"):
            return self.literal.setdefault(segment.encode(), _Node())
        self.any = self.any or _Node()
        return self.any


class Place(Generic[Row]):
    """A target that leads somewhere: the rows for it by method, and what its path says by name."""

    __slots__ = ("names", "rows")

    def __init__(self, rows: Mapping[str, Row], names: Mapping[str, str]) -> None:
        self.rows = rows
        self.names = names


class Table(Generic[Row]):
    """Finds rows by the longest path that fits. Targets seen often are remembered."""

    def __init__(self, rows: Iterable[Row], *, exact: bool = False) -> None:
        self._root: _Node[Row] = _Node()
        self._exact = exact
        self._remembered: dict[bytes, Place[Row]] = {}
        for row in rows:
            self._add(row)

    def find(self, target: bytes) -> Place[Row]:
        """Raises `AmbiguousTarget` and `NoSuchRoute`."""
        place = self._remembered.get(target)
        if place is None:
            place = self._look_up(target)
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            if len(target) <= REMEMBERED_BYTES:
                self._remembered[target] = place
        return place

    def _add(self, row: Row) -> None:
        node = self._root
        names: list[tuple[int, str]] = []
        for index, segment in enumerate(row.path.split("/")[1:]):
            node = node.below(segment)
            if segment.startswith("{"):
                names.append((index, segment[1:-1]))
        node.names = tuple(names)
        for method in row.methods:
            if method in node.rows:
                raise ValueError(f"{method} {row.path} stands twice in the table")
            node.rows[method] = row

    def _look_up(self, target: bytes) -> Place[Row]:
        if len(target) > TARGET_BYTES_MOST or not _PLAIN.fullmatch(target):
            raise AmbiguousTarget
        segments = target.partition(b"?")[0].split(b"/")[1:]
        node = self._deepest(segments)
        if node is None:
            raise NoSuchRoute
        return Place(node.rows, {name: segments[index].decode() for index, name in node.names})

    def _deepest(self, segments: list[bytes]) -> _Node[Row] | None:
        node, found, depth = self._root, None, 0
        for segment in segments:
            below = node.literal.get(segment) or node.any
            if below is None:
                break
            node = below
            depth += 1
            if node.rows:
                found = node
        if self._exact and (depth < len(segments) or found is not node):
            return None
        return found
