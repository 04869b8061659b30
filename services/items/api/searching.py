"""Search and suggestions."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from services.chassis.http.access import for_anyone
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page
from services.chassis.search.errors import CursorUnknown, SearchInvalid
from services.items.api.counter import ByCategory, NamedCounter
from services.items.api.public import JSON, told
from services.items.domain.searching import CurrencyNeeded, FilterUnknown, Search, SearchPage, Sorting

SUGGESTIONS_MOST = 20
VALUES_MOST = 20
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_AMOUNT_MOST = 2**53

Text = Annotated[
    str,
    QueryParameter(name="text", max_length=200, pattern=_PLAIN, description="Words; slips of spelling are forgiven"),
]
Sellers = Annotated[
    list[Annotated[str, QueryParameter(max_length=120)]] | None,
    QueryParameter(name="seller", max_items=VALUES_MOST, description="Slugs; any of them"),
]
Attribute = Annotated[
    list[str] | None,
    QueryParameter(
        name="attribute",
        max_items=VALUES_MOST,
        description="`key:value`, such as `colour:blue`; of one key any value, of several keys all",
    ),
]
InCurrency = Annotated[str | None, QueryParameter(name="currency", pattern="^[A-Z]{3}$")]
PriceMin = Annotated[int | None, QueryParameter(name="price_min", ge=0, le=_AMOUNT_MOST, description="Minor units")]
PriceMax = Annotated[int | None, QueryParameter(name="price_max", ge=0, le=_AMOUNT_MOST, description="Minor units")]
InStock = Annotated[bool, QueryParameter(name="in_stock", description="Leave out what is sold out")]
SortBy = Annotated[Sorting, QueryParameter(name="sort", description="Sorting by price needs a currency")]
Facets = Annotated[
    list[str] | None,
    QueryParameter(
        name="facet",
        max_items=VALUES_MOST,
        description="What to count: `category`, `seller`, `currency`, `in_stock` or an attribute",
    ),
]
Prefix = Annotated[
    str, QueryParameter(name="text", min_length=1, max_length=100, pattern=_PLAIN, description="What was typed so far")
]
SuggestionLimit = Annotated[int, QueryParameter(name="limit", ge=1, le=SUGGESTIONS_MOST)]


@get(
    "/api/v1/search",
    opt=for_anyone(refuses=(CurrencyNeeded, FilterUnknown, CursorMalformed, CursorUnknown, SearchInvalid)),
    responses=told(SearchPage, "Best match first, unless sorted otherwise"),
    media_type=JSON,
)
async def search_items(  # noqa: PLR0917 - what a query string may say, all by name.
    counter: NamedCounter,
    text: Text = "",
    category: ByCategory = None,
    seller: Sellers = None,
    attribute: Attribute = None,
    currency: InCurrency = None,
    price_min: PriceMin = None,
    price_max: PriceMax = None,
    in_stock: InStock = False,  # noqa: FBT002 - a query parameter has a name.
    sort: SortBy = "relevance",
    facet: Facets = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> bytes:
    """Find items on sale. A facet's counts leave out the filter on that same facet.

    With the search engine away, a plain listing is answered from the database and marked `degraded`; anything else is
    refused with 503.
    """
    wanted = Search(
        text=text,
        category=category,
        sellers=frozenset(seller or ()),
        attributes=_by_key(attribute or ()),
        currency=currency,
        price_at_least=price_min,
        price_at_most=price_max,
        in_stock=in_stock,
        sort=sort,
        facets=frozenset(facet or ()),
        limit=limit,
    )
    return await counter.finder.find(wanted, cursor)


def _by_key(pairs: list[str] | tuple[()]) -> dict[str, frozenset[str]]:
    values: dict[str, frozenset[str]] = {}
    for pair in pairs:
        key, _, value = pair.partition(":")
        values[key] = values.get(key, frozenset()) | {value}
    return values


@get("/api/v1/search/suggestions", opt=for_anyone(refuses=(SearchInvalid,)))
async def suggest_titles(counter: NamedCounter, text: Prefix, limit: SuggestionLimit = 8) -> Page[str]:
    """Titles of items on sale that go on like this, best first; there is always but one page."""
    return Page(items=await counter.finder.suggest(text, limit=limit))


SEARCHING = (search_items, suggest_titles)
