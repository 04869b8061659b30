"""A search from question to answer: the engine says which items, the database what is to be seen of them now.

When the engine is away, the database answers what it can.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from services.chassis.cache.port import Cache
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.http.pages import CursorMalformed, from_cursor, to_cursor
from services.chassis.search.port import SearchIndex, SearchResult
from services.items.domain.categories import inside
from services.items.domain.listings import card_now
from services.items.domain.searching import Facet, Search, checked, facet, rolled_up
from services.items.search import field_of, request_of
from services.items.store import categories, listings
from services.items.store.listings import END_OF_TIME, CardRow, FoundRow, Place

ENGINE = "e."
DATABASE = "d."
NOTHING_MARKED = Raw(b"{}")


class _Found(Struct, frozen=True):
    """What the engine said, as it is cached: all but the ids already as it is answered."""

    ids: list[UUID]
    highlights: list[Raw]
    tail: Raw


class _Tail(Struct, frozen=True, kw_only=True):
    """All of a `SearchPage` but its cards."""

    next: str | None
    total: int | None
    facets: list[Facet]
    degraded: bool


class Finder:
    """Answers searches as encoded `SearchPage`s."""

    def __init__(
        self, database: Database, index: SearchIndex, cache: Cache, *, filters: Sequence[str], cache_s: float
    ) -> None:
        """`filters` are the attributes that searches may name."""
        self._database = database
        self._index = index
        self._cache = cache
        self._filters = filters
        self._cache_s = cache_s

    async def find(self, search: Search, cursor: str | None) -> bytes:
        """Raises `CurrencyNeeded`, `FilterUnknown`, `CursorMalformed`, `Unavailable`."""
        checked(search, self._filters)
        if cursor is not None and cursor.startswith(DATABASE):
            return await self._list(search, from_cursor(cursor.removeprefix(DATABASE), Place))
        if cursor is not None and not cursor.startswith(ENGINE):
            raise CursorMalformed("the cursor is not one that a search gave")
        try:
            return await self._search(search, cursor)
        except Unavailable:
            if cursor is not None or not search.is_plain_listing:
                raise
        return await self._list(search, END_OF_TIME)

    async def suggest(self, prefix: str, *, limit: int) -> list[str]:
        """Titles that begin with it, best first. Raises `Unavailable`."""
        return await self._index.suggest(prefix, limit=limit)

    async def _search(self, search: Search, cursor: str | None) -> bytes:
        async def ask() -> bytes:
            return msgspec.json.encode(await self._ask(search, cursor))

        if self._cache_s > 0:
            key = "search:" + msgspec.json.encode([search, cursor], order="deterministic").decode()
            encoded = await self._cache.load(key, ask, ttl_s=self._cache_s)
        else:
            encoded = await ask()
        found = _decode(encoded)
        cards = await listings.cards(self._database, found.ids)
        shown = [
            _found_card(cards[item_id], highlights)
            for item_id, highlights in zip(found.ids, found.highlights, strict=True)
            if item_id in cards
        ]
        return _page(shown, found.tail)

    async def _ask(self, search: Search, cursor: str | None) -> _Found:
        parents: Mapping[str, str | None] = {}
        if search.category is not None or "category" in search.facets:
            parents = {category.slug: category.parent for category in await categories.every(self._database)}
        wanted = None if search.category is None else inside(search.category, parents)
        result = await self._index.search(request_of(search, wanted, cursor and cursor.removeprefix(ENGINE)))
        following = None if result.next is None else ENGINE + result.next
        facets = _facets(search, result, parents)
        return _Found(
            ids=[UUID(hit.id) for hit in result.hits],
            highlights=[Raw(msgspec.json.encode(hit.highlights)) for hit in result.hits],
            tail=_encoded(_Tail(next=following, total=result.total, facets=facets, degraded=False)),
        )

    async def _list(self, search: Search, before: Place) -> bytes:
        rows = await listings.page(
            self._database, category=search.category, seller_id=None, before=before, limit=search.limit
        )
        shown = [_found_card(row, NOTHING_MARKED) for row in rows[: search.limit]]
        more = len(rows) > search.limit
        following = DATABASE + to_cursor(rows[search.limit - 1].place) if more else None
        return _page(shown, _encoded(_Tail(next=following, total=None, facets=[], degraded=True)))


_decode = msgspec.json.Decoder(_Found).decode


def _facets(search: Search, result: SearchResult, parents: Mapping[str, str | None]) -> list[Facet]:
    counts = {name: result.facets.get(field_of(name), {}) for name in sorted(search.facets)}
    return [facet(name, rolled_up(by, parents) if name == "category" else by) for name, by in counts.items()]


def _found_card(row: CardRow | FoundRow, highlights: Raw) -> bytes:
    return b'%b,"highlights":%b}' % (card_now(row.card, in_stock=row.in_stock)[:-1], bytes(highlights))


def _encoded(tail: _Tail) -> Raw:
    return Raw(msgspec.json.encode(tail))


def _page(cards: Sequence[bytes], tail: Raw) -> bytes:
    return b'{"items":[%b],%b' % (b",".join(cards), bytes(tail)[1:])
