"""What a search engine promises. A document is flat; the caller says which field plays which part.

The same request gives the same documents on both engines; scores differ.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

Value = str | int | float | bool | None | list[str]


class IndexShape(Struct, frozen=True, kw_only=True):
    """The fields of an index, by the part they play."""

    text: dict[str, float]
    """Full-text fields and the weight of a match in each."""
    keyword: frozenset[str]
    """Filtered and counted by exact value; may hold a list."""
    number: frozenset[str]
    """Filtered by range, sorted on: integers (money in minor units, times in Unix ms, ratings in hundredths)."""
    suggest: str
    """The text field that suggestions complete."""
    stored: frozenset[str]
    """Only returned, never searched."""


class Document(Struct, frozen=True, kw_only=True):
    """One entry; a write with a version not above the stored one is ignored."""

    id: str
    version: int
    fields: dict[str, Value]


class Range(Struct, frozen=True, kw_only=True):
    """Both ends inclusive; None is open."""

    at_least: int | None = None
    at_most: int | None = None


class Sort(Struct, frozen=True, kw_only=True):
    """By a number field; ties and equal scores are broken by document id."""

    field: str
    descending: bool = False


class SearchRequest(Struct, frozen=True, kw_only=True):
    """What to look for. An empty `text` matches all."""

    text: str = ""
    terms: dict[str, frozenset[str]] = {}
    """Field → accepted values (any of them)."""
    ranges: dict[str, Range] = {}
    facets: frozenset[str] = frozenset()
    """Keyword fields to count; a field's counts leave out the filter on that same field."""
    sort: Sort | None = None
    """None: by relevance."""
    limit: int = 20
    cursor: str | None = None


class Hit(Struct, frozen=True, kw_only=True):
    """A found document."""

    id: str
    score: float
    fields: dict[str, Value]
    highlights: dict[str, str]
    """Text field → fragment with `<mark>` around matches, everything else HTML-escaped."""


class SearchResult(Struct, frozen=True, kw_only=True):
    """One page."""

    hits: list[Hit]
    total: int
    facets: dict[str, dict[str, int]]
    next: str | None


class SearchIndex(Protocol):
    """One named index. Raises `chassis.errors.Unavailable` when the engine is away, `Invalid` for a bad cursor."""

    async def prepare(self) -> None:
        """Make the index and its alias if they are not there."""

    async def save(self, documents: Sequence[Document]) -> None:
        """Visible to searches within a second."""

    async def remove(self, ids: Sequence[str], *, version: int) -> None:
        """A later `save` with a version not above this one stays without effect."""

    async def search(self, request: SearchRequest) -> SearchResult:
        """Typos are tolerated: one from 4 letters on, two from 8 on, never in the first letter."""

    async def suggest(
        self, prefix: str, *, limit: int = 8, terms: Mapping[str, frozenset[str]] | None = None
    ) -> list[str]:
        """Distinct completions, best first."""

    async def rebuild(self, documents: AsyncIterator[Sequence[Document]]) -> int:
        """Fill a new index behind the alias and switch, with no gap for readers; writes meanwhile reach both."""

    async def count(self) -> int:
        """Documents that searches can see."""

    async def close(self) -> None:
        """Disconnect."""
