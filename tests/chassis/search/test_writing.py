import pytest

from services.chassis.search.errors import DocumentInvalid
from services.chassis.search.port import Document, SearchRequest, Value
from tests.chassis.search.catalogue import item
from tests.chassis.search.engines import Engine, fill, found

ALL = SearchRequest(limit=100)


async def _title(engine: Engine) -> str:
    (hit,) = (await engine.index.search(ALL)).hits
    return str(hit.fields["title"])


async def test_preparing_again_keeps_what_is_there(shop: Engine) -> None:
    await shop.index.prepare()

    assert await shop.index.count() == 5


async def test_a_newer_version_replaces_all_of_an_older_one(engine: Engine) -> None:
    await fill(engine, [item("a", "Lamp", version=1, brand="Kyo", price_cents=100)])

    await fill(engine, [item("a", "Table", version=2)])

    assert await found(engine, SearchRequest(text="lamp")) == []
    assert await found(engine, SearchRequest(terms={"brand": frozenset({"Kyo"})})) == []
    assert await _title(engine) == "Table"
    assert await engine.index.count() == 1


@pytest.mark.parametrize("version", [4, 5])
async def test_a_version_that_is_not_newer_is_ignored(engine: Engine, version: int) -> None:
    await fill(engine, [item("a", "Lamp", version=5)])

    await fill(engine, [item("a", "Table", version=version), item("b", "Chair", version=1)])

    assert await found(engine, SearchRequest(text="lamp")) == ["a"]
    assert await found(engine, SearchRequest(text="chair")) == ["b"]
    assert await found(engine, SearchRequest(text="table")) == []


async def test_versions_of_one_document_in_one_save_end_with_the_newest(engine: Engine) -> None:
    await fill(engine, [item("a", "First", version=1), item("a", "Third", version=3), item("a", "Second", version=2)])

    assert await _title(engine) == "Third"


async def test_versions_may_have_gaps(engine: Engine) -> None:
    await fill(engine, [item("a", "Early", version=7)])
    await fill(engine, [item("a", "Late", version=2**62)])

    assert await _title(engine) == "Late"


async def test_removed_documents_are_not_found_counted_or_filtered(shop: Engine) -> None:
    await shop.index.remove(["boots", "runners", "never-there"], version=2)
    await shop.settle()

    page = await shop.index.search(SearchRequest(facets=frozenset({"category"})))

    assert {hit.id for hit in page.hits} == {"loafers", "mug", "teapot"}
    assert page.facets == {"category": {"kitchen": 2, "shoes": 1}}
    assert await shop.index.count() == 3
    assert await found(shop, SearchRequest(text="boots")) == []


@pytest.mark.parametrize("version", [1, 4, 5])
async def test_a_save_that_comes_after_a_newer_removal_has_no_effect(engine: Engine, version: int) -> None:
    await fill(engine, [item("a", "Lamp", version=3)])
    await engine.index.remove(["a", "not-yet-there"], version=5)

    await fill(engine, [item("a", "Lamp", version=version), item("not-yet-there", "Table", version=version)])

    assert await engine.index.count() == 0


async def test_a_removal_that_is_not_newer_has_no_effect(engine: Engine) -> None:
    await fill(engine, [item("a", "Lamp", version=3)])

    await engine.index.remove(["a"], version=3)
    await engine.settle()

    assert await engine.index.count() == 1


async def test_a_removed_document_comes_back_with_a_newer_version(engine: Engine) -> None:
    await fill(engine, [item("a", "Lamp", version=1)])
    await engine.index.remove(["a"], version=2)

    await fill(engine, [item("a", "Lamp again", version=3)])

    assert await found(engine, SearchRequest(text="again")) == ["a"]


async def test_nothing_to_do_is_done(engine: Engine) -> None:
    await engine.index.save([])
    await engine.index.remove([], version=1)

    assert await engine.index.count() == 0


async def test_many_documents_can_be_saved_at_once(engine: Engine) -> None:
    await fill(engine, [item(f"i{number}", "lamp") for number in range(1200)])

    assert await engine.index.count() == 1200


@pytest.mark.parametrize(
    "document",
    [
        Document(id="", version=1, fields={}),
        Document(id="x" * 513, version=1, fields={}),
        Document(id="a\0b", version=1, fields={}),
        Document(id="\udfff", version=1, fields={}),
        Document(id="a", version=-1, fields={}),
        Document(id="a", version=2**63, fields={}),
        Document(id="a", version=1, fields={"unknown": 1}),
        Document(id="a", version=1, fields={"price_cents": "12"}),
        Document(id="a", version=1, fields={"price_cents": 1.5}),
        Document(id="a", version=1, fields={"price_cents": 2**63}),
        Document(id="a", version=1, fields={"brand": "x" * 1025}),
        Document(id="a", version=1, fields={"brand": "a\0b"}),
        Document(id="a", version=1, fields={"colours": ["\ud800"]}),
        Document(id="a", version=1, fields={"title": "\ud800"}),
        Document(id="a", version=1, fields={"image": float("nan")}),
    ],
)
async def test_a_document_of_another_shape_is_invalid_and_nothing_of_its_batch_is_written(
    engine: Engine, document: Document
) -> None:
    with pytest.raises(DocumentInvalid):
        await engine.index.save([item("good", "Lamp"), document])
    await engine.settle()

    assert await engine.index.count() == 0


async def test_every_kind_of_value_comes_back_as_it_was(engine: Engine) -> None:
    fields: dict[str, Value] = {
        "title": "🎉 Grüße\n\t\"quoted\" 'title' \\ \u200b",
        "description": "x" * 150_000,
        "brand": ["a", "a", ""],
        "price_cents": 0,
        "rating": None,
        "image": 1.25,
        "colours": True,
    }
    await fill(engine, [Document(id="🎉/id with spaces?&#", version=1, fields=fields)])

    (hit,) = (await engine.index.search(SearchRequest(terms={"colours": frozenset({"true"})}))).hits

    assert hit.id == "🎉/id with spaces?&#"
    assert hit.fields == fields
