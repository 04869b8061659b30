import pytest
from msgspec.structs import replace

from services.chassis.search.errors import CursorUnknown, SearchInvalid
from services.chassis.search.port import Range, SearchRequest, Sort
from tests.chassis.search.catalogue import item, many
from tests.chassis.search.engines import Engine, all_pages, fill, found

UNANSWERABLE = [
    SearchRequest(limit=0),
    SearchRequest(limit=101),
    SearchRequest(limit=-1),
    SearchRequest(terms={"title": frozenset({"x"})}),
    SearchRequest(terms={"brand": frozenset({"a\0b"})}),
    SearchRequest(terms={"brand": frozenset({"\ud800"})}),
    SearchRequest(terms={"brand": frozenset(str(number) for number in range(1001))}),
    SearchRequest(facets=frozenset({"price_cents"})),
    SearchRequest(ranges={"brand": Range(at_least=1)}),
    SearchRequest(ranges={"rating": Range(at_least=10**30)}),
    SearchRequest(sort=Sort(field="colours")),
]

SHOES = {"category": frozenset({"shoes"})}


async def test_a_filter_accepts_any_of_its_values(shop: Engine) -> None:
    request = SearchRequest(terms={"brand": frozenset({"Alpina", "Swift", "unheard of"})})

    assert set(await found(shop, request)) == {"boots", "loafers", "runners"}


async def test_filters_of_different_fields_must_all_pass(shop: Engine) -> None:
    request = SearchRequest(terms={**SHOES, "colours": frozenset({"red"})})

    assert set(await found(shop, request)) == {"boots", "runners"}


async def test_a_filter_without_values_passes_nothing(shop: Engine) -> None:
    assert await found(shop, SearchRequest(terms={"brand": frozenset()})) == []


async def test_exact_values_are_exact(shop: Engine) -> None:
    assert await found(shop, SearchRequest(terms={"brand": frozenset({"alpina", "Alp", ""})})) == []


async def test_a_facet_counts_as_if_its_own_filter_were_not_there(shop: Engine) -> None:
    request = SearchRequest(
        terms={**SHOES, "colours": frozenset({"brown"})}, facets=frozenset({"brand", "category", "colours"})
    )

    page = await shop.index.search(request)

    assert page.total == 2
    assert page.facets == {
        "brand": {"Alpina": 2},
        "category": {"shoes": 2},
        "colours": {"brown": 2, "red": 2},
    }


async def test_facets_respect_the_query_the_ranges_and_filters_that_are_not_counted(shop: Engine) -> None:
    request = SearchRequest(
        text="shoes",
        terms={"colours": frozenset({"red", "brown"})},
        ranges={"price_cents": Range(at_most=9000)},
        facets=frozenset({"brand"}),
    )

    page = await shop.index.search(request)

    assert page.facets == {"brand": {"Swift": 1}}


async def test_facet_values_come_by_count_then_by_name(shop: Engine) -> None:
    page = await shop.index.search(SearchRequest(facets=frozenset({"colours", "brand"})))

    assert list(page.facets["colours"].items()) == [("red", 3), ("black", 2), ("brown", 2)]
    assert list(page.facets["brand"].items()) == [("Alpina", 2), ("Kyo", 2), ("Swift", 1)]


async def test_nothing_found_has_empty_facets(shop: Engine) -> None:
    page = await shop.index.search(SearchRequest(text="zeppelin", facets=frozenset({"brand"})))

    assert (page.total, page.hits, page.facets) == (0, [], {"brand": {}})


@pytest.mark.parametrize(
    ("bounds", "ids"),
    [
        (Range(at_least=5900, at_most=9900), {"teapot", "runners", "loafers"}),
        (Range(at_least=9901), {"boots"}),
        (Range(at_most=1900), {"mug"}),
        (Range(at_least=2, at_most=1), set()),
        (Range(), {"boots", "loafers", "mug", "runners", "teapot"}),
        (Range(at_least=-(2**63) + 1, at_most=2**63 - 1), {"boots", "loafers", "mug", "runners", "teapot"}),
    ],
)
async def test_ranges_include_their_ends(shop: Engine, bounds: Range, ids: set[str]) -> None:
    assert set(await found(shop, SearchRequest(ranges={"price_cents": bounds}))) == ids


async def test_a_document_without_the_number_is_in_no_range(shop: Engine) -> None:
    assert "loafers" not in await found(shop, SearchRequest(ranges={"rating": Range(at_least=0)}))


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        (Sort(field="price_cents"), ["mug", "teapot", "runners", "loafers", "boots"]),
        (Sort(field="price_cents", descending=True), ["boots", "loafers", "runners", "teapot", "mug"]),
        (Sort(field="rating"), ["mug", "runners", "boots", "teapot", "loafers"]),
        (Sort(field="rating", descending=True), ["teapot", "boots", "runners", "mug", "loafers"]),
    ],
)
async def test_sorting_puts_documents_without_the_number_last(shop: Engine, sort: Sort, ids: list[str]) -> None:
    assert await found(shop, SearchRequest(sort=sort)) == ids


async def test_extreme_numbers_sort_and_page(engine: Engine) -> None:
    extremes = [item("low", "x", rating=-(2**63) + 1), item("high", "x", rating=2**63 - 1), item("none", "x")]
    await fill(engine, [*extremes, item("zero", "x", rating=0), item("false", "x", rating=False)])

    up = await all_pages(engine, SearchRequest(sort=Sort(field="rating"), limit=1))
    down = await all_pages(engine, SearchRequest(sort=Sort(field="rating", descending=True), limit=1))

    assert up[:3] == ["low", "false", "zero"]
    assert set(up[3:]) == {"high", "none"}
    assert down == ["high", "false", "zero", "low", "none"]


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest(),
        SearchRequest(text="leather"),
        SearchRequest(text="leathr jackett"),
        SearchRequest(sort=Sort(field="rating")),
        SearchRequest(sort=Sort(field="rating", descending=True)),
        SearchRequest(text="lamp", sort=Sort(field="price_cents"), facets=frozenset({"brand"})),
    ],
)
async def test_pages_to_the_end_repeat_and_miss_nothing(engine: Engine, request_: SearchRequest) -> None:
    await fill(engine, many(120, seed=7))
    whole = await engine.index.search(replace(request_, limit=100))

    for limit in (1, 7, 100):
        ids = await all_pages(engine, replace(request_, limit=limit))

        assert len(ids) == len(set(ids)) == whole.total > 0
        assert ids[:100] == [hit.id for hit in whole.hits]


async def test_what_arrives_between_two_pages_repeats_nothing(engine: Engine) -> None:
    await fill(engine, [item(f"i{number:02}", "lamp", price_cents=number) for number in range(0, 40, 2)])
    sort = Sort(field="price_cents")
    first = await engine.index.search(SearchRequest(sort=sort, limit=10))

    await fill(engine, [item(f"i{number:02}", "lamp", price_cents=number) for number in range(1, 40, 2)])
    second = await engine.index.search(SearchRequest(sort=sort, limit=100, cursor=first.next))

    assert [hit.id for hit in second.hits] == [f"i{number:02}" for number in range(19, 40)]


async def test_what_no_index_of_this_shape_can_answer_is_invalid(shop: Engine) -> None:
    for request in UNANSWERABLE:
        with pytest.raises(SearchInvalid):
            await shop.index.search(request)


async def test_a_cursor_fits_only_the_search_that_gave_it(engine: Engine) -> None:
    await fill(engine, many(30, seed=1))
    cursor = (await engine.index.search(SearchRequest(sort=Sort(field="rating"), limit=5))).next

    for other in (
        SearchRequest(limit=5, cursor=cursor),
        SearchRequest(sort=Sort(field="price_cents"), cursor=cursor),
        SearchRequest(sort=Sort(field="rating"), text="lamp", cursor=cursor),
        SearchRequest(sort=Sort(field="rating"), terms={"brand": frozenset({"Kyo"})}, cursor=cursor),
    ):
        with pytest.raises(CursorUnknown):
            await engine.index.search(other)


async def test_a_cursor_survives_another_limit_and_other_facets(engine: Engine) -> None:
    await fill(engine, many(30, seed=1))
    first = await engine.index.search(SearchRequest(limit=5))

    second = await engine.index.search(SearchRequest(limit=100, facets=frozenset({"brand"}), cursor=first.next))

    assert len(second.hits) == 25
