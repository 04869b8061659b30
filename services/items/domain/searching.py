"""What buyers may ask the search for, and what they get."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Invalid, Missing
from services.items.domain.categories import ancestry
from services.items.domain.listings import ListedCard

Sorting = Literal["relevance", "newest", "price_asc", "price_desc"]
ReindexState = Literal["queued", "done"]
BUILT_IN_FACETS = ("category", "seller", "currency", "in_stock")


class ReindexMissing(Missing):
    """No such reindex was asked for."""

    code = "reindex_missing"
    title = "No such reindex"

    def __init__(self, reindex_id: UUID) -> None:
        super().__init__(f"there is no reindex {reindex_id}")


class CurrencyNeeded(Invalid):
    """Prices compare only within one currency."""

    code = "currency_needed"
    title = "Currency needed"

    def __init__(self) -> None:
        super().__init__("name the currency to filter or sort by price")


class FilterUnknown(Invalid):
    """An attribute that items cannot be filtered or counted by."""

    code = "filter_unknown"
    title = "Unknown filter"

    def __init__(self, wanted: str, *, known: list[str]) -> None:
        super().__init__(f"{wanted} is no filter", known=known)


class Search(Struct, frozen=True, kw_only=True):
    """One search. Values of one filter are alternatives, filters add up."""

    text: str = ""
    category: str | None = None
    sellers: frozenset[str] = frozenset()
    """Slugs."""
    attributes: dict[str, frozenset[str]] = {}
    currency: str | None = None
    price_at_least: int | None = None
    price_at_most: int | None = None
    in_stock: bool = False
    sort: Sorting = "relevance"
    facets: frozenset[str] = frozenset()
    limit: int = 20

    @property
    def is_plain_listing(self) -> bool:
        """Whether the database can answer it just as well."""
        filtered = self.text.strip() or self.sellers or self.attributes or self.currency or self.in_stock
        return not filtered and self.sort in {"relevance", "newest"}


class FacetValue(Struct, frozen=True, kw_only=True):
    """How many items of the search have it; filters of the same facet left aside."""

    value: str
    count: int


class Facet(Struct, frozen=True, kw_only=True):
    """The most frequent values of one field."""

    field: str
    values: list[FacetValue]


class FoundCard(ListedCard, frozen=True, kw_only=True):
    """A card, and where the search text was found in it."""

    highlights: dict[str, str]
    """Field → fragment, HTML-escaped, with `<mark>` around what was found."""


class SearchPage(Struct, frozen=True, kw_only=True):
    """One page. An item that was withdrawn a moment ago may be missing from it."""

    items: list[FoundCard]
    next: str | None
    total: int | None
    """Of all pages; null when the answer is degraded."""
    facets: list[Facet]
    degraded: bool
    """The search engine is away, and the database answered: newest first, without facets."""


class Reindex(Struct, frozen=True, kw_only=True):
    """A rebuilding of the search index behind its alias."""

    id: UUID
    state: ReindexState
    requested_at: datetime
    finished_at: datetime | None
    documents: int | None


class IndexStatus(Struct, frozen=True, kw_only=True):
    """How far the search index is behind the catalogue."""

    waiting: int
    """Items that changed and are not indexed yet."""
    lag_s: float
    """Age of the oldest of those changes."""
    reindexes: list[Reindex]
    """The newest ones."""


def checked(search: Search, filters: Sequence[str]) -> Search:
    """The search itself. Raises `CurrencyNeeded`, `FilterUnknown`; `filters` are the attributes it may name."""
    by_price = search.price_at_least is not None or search.price_at_most is not None or search.sort.startswith("price")
    if by_price and search.currency is None:
        raise CurrencyNeeded
    for wanted, known in ((search.attributes, [*filters]), (search.facets, [*BUILT_IN_FACETS, *filters])):
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            raise FilterUnknown(unknown[0], known=known)
    return search


def facet(field: str, counts: Mapping[str, int]) -> Facet:
    """The most frequent values first."""
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return Facet(field=field, values=[FacetValue(value=value, count=count) for value, count in ordered])


def rolled_up(counts: Mapping[str, int], parents: Mapping[str, str | None]) -> dict[str, int]:
    """Counts by category, to which those inside it are added."""
    totals: dict[str, int] = {}
    for slug, count in counts.items():
        for above in ancestry(slug, parents):
            totals[above] = totals.get(above, 0) + count
    return totals
