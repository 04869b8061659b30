import pytest

from services.chassis.search.port import SearchRequest
from tests.chassis.search.catalogue import item, window
from tests.chassis.search.engines import Engine, fill, found


async def _ids(engine: Engine, text: str) -> set[str]:
    return set(await found(engine, SearchRequest(text=text)))


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
async def test_an_empty_query_finds_all_in_the_order_of_ids(shop: Engine, text: str) -> None:
    page = await shop.index.search(SearchRequest(text=text))

    assert [hit.id for hit in page.hits] == ["boots", "loafers", "mug", "runners", "teapot"]
    assert page.total == 5
    assert page.next is None


async def test_every_word_must_match_but_in_any_field(shop: Engine) -> None:
    assert await _ids(shop, "leather") == {"boots", "loafers"}
    assert await _ids(shop, "loafers office") == {"loafers"}
    assert await _ids(shop, "leather teapot") == set()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("SHOES", {"runners", "loafers"}),
        ("cafe", {"teapot"}),
        ("CAFÉ", {"teapot"}),
        ("cafe\u0301", {"teapot"}),
        ("strassburg", {"mug"}),
        ("Straßburg", {"mug"}),
        ("mens", {"loafers"}),
        ("men\u2019s", {"loafers"}),
    ],
)
async def test_case_accents_and_apostrophes_do_not_matter(shop: Engine, text: str, ids: set[str]) -> None:
    assert await _ids(shop, text) == ids


async def test_a_typo_is_forgiven(shop: Engine) -> None:
    for text in ("leathr", "leatherr", "laether", "leather", "leathor"):
        assert await _ids(shop, text) == {"boots", "loafers"}, text
    for text in ("japannese", "japnese", "jpaanese", "japanece"):
        assert await _ids(shop, text) == {"teapot"}, text


async def test_other_typos_are_not(shop: Engine) -> None:
    assert await _ids(shop, "mgu") == set(), "three letters are too few"
    assert await _ids(shop, "keather") == set(), "the first letter must be right"
    assert await _ids(shop, "laethre") == set(), "seven letters have one typo only"
    assert await _ids(shop, "zzzzzzzz") == set(), "nothing is near"


async def test_eight_letters_have_two_typos_and_seven_one(shop: Engine) -> None:
    assert await _ids(shop, "jappanesse") == {"teapot"}
    assert await _ids(shop, "leatehrr") == {"boots", "loafers"}
    assert await _ids(shop, "leteher") == set()


async def test_numbers_are_never_misspelt(engine: Engine) -> None:
    await fill(engine, [item("a", "calendar 2024"), item("b", "calendar 2025"), item("c", "shirt size42")])

    assert await _ids(engine, "2025") == {"b"}
    assert await _ids(engine, "size43") == set()


async def test_the_title_weighs_more_than_the_description(engine: Engine) -> None:
    await fill(
        engine,
        [
            item("described", "Plain box", description="kettle inside"),
            item("named", "Kettle", description="plain thing inside"),
            item("other", "Spoon", description="small thing"),
        ],
    )

    assert await found(engine, SearchRequest(text="kettle")) == ["named", "described"]


async def test_what_was_typed_ranks_above_what_may_have_been_meant(engine: Engine) -> None:
    await fill(
        engine,
        [item("a", "Goose table"), item("b", "Goose cable"), item("c", "Goose fable"), item("d", "Moose sable")],
    )

    first, *rest = await found(engine, SearchRequest(text="goose cable"))

    assert first == "b"
    assert rest == []
    assert (await found(engine, SearchRequest(text="goose tabel"))) == ["a"]


async def test_an_exact_word_beats_a_rarer_misspelling(engine: Engine) -> None:
    common = [item(f"lamp-{number}", f"lamp {number}") for number in range(20)]
    await fill(engine, [*common, item("a-lamb", "lamb 99")])

    ids = await found(engine, SearchRequest(text="lamp", limit=50))

    assert len(ids) == 21
    assert ids[-1] == "a-lamb"


async def test_a_hit_gives_back_its_fields_as_they_were_saved(shop: Engine) -> None:
    saved = {document.id: document.fields for document in window()}

    page = await shop.index.search(SearchRequest())

    assert {hit.id: hit.fields for hit in page.hits} == saved


async def test_relevant_hits_have_falling_scores(shop: Engine) -> None:
    page = await shop.index.search(SearchRequest(text="red shoes"))

    scores = [hit.score for hit in page.hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


async def test_matches_are_marked_and_the_rest_is_escaped(engine: Engine) -> None:
    await fill(
        engine,
        [item("x", "Mug <b>large</b> & 'mugs'", description="<script>alert('mug')</script> &amp; \"straße\"")],
    )

    (hit,) = (await engine.index.search(SearchRequest(text="mug strasse"))).hits

    assert hit.highlights == {
        "title": "<mark>Mug</mark> &lt;b&gt;large&lt;/b&gt; &amp; &#x27;mugs&#x27;",
        "description": (
            "&lt;script&gt;alert(&#x27;<mark>mug</mark>&#x27;)&lt;/script&gt; &amp;amp; &quot;<mark>straße</mark>&quot;"
        ),
    }


async def test_a_misspelt_match_is_marked_too(shop: Engine) -> None:
    (hit,) = (await shop.index.search(SearchRequest(text="tepot"))).hits

    assert hit.highlights == {"title": "Japanese <mark>teapot</mark>"}


async def test_without_a_query_nothing_is_marked(shop: Engine) -> None:
    page = await shop.index.search(SearchRequest())

    assert all(hit.highlights == {} for hit in page.hits)
