import pytest

from services.chassis.search.errors import SearchInvalid
from tests.chassis.search.catalogue import item
from tests.chassis.search.engines import Engine, fill


async def test_titles_are_completed_wherever_the_word_stands(shop: Engine) -> None:
    assert await shop.index.suggest("sho") == ["Red running shoes"]
    assert await shop.index.suggest("LEA") == ["Leather hiking boots"]


async def test_those_that_begin_with_it_come_first_then_the_shortest(engine: Engine) -> None:
    titles = ["Red lamp", "Lamp", "Lamp with a long cord", "Lampshade", "A lamp"]
    await fill(engine, [item(str(number), title) for number, title in enumerate(titles)])

    assert await engine.index.suggest("lamp") == ["Lamp", "Lampshade", "Lamp with a long cord", "A lamp", "Red lamp"]


async def test_earlier_words_must_be_whole(engine: Engine) -> None:
    await fill(engine, [item("a", "Red running shoes"), item("b", "Redwood shelf")])

    assert await engine.index.suggest("red s") == ["Red running shoes"]


async def test_the_same_title_is_suggested_once(engine: Engine) -> None:
    await fill(engine, [item(str(number), "Lamp") for number in range(5)])

    assert await engine.index.suggest("l") == ["Lamp"]


async def test_suggestions_can_be_limited_and_filtered(engine: Engine) -> None:
    await fill(
        engine, [item(str(number), f"Lamp {number}", brand="Kyo" if number % 2 else "Alpina") for number in range(9)]
    )

    assert await engine.index.suggest("lam", limit=2) == ["Lamp 0", "Lamp 1"]
    assert await engine.index.suggest("lam", terms={"brand": frozenset({"Kyo"})}) == [f"Lamp {n}" for n in (1, 3, 5, 7)]


async def test_accents_in_titles_are_kept_and_not_needed(engine: Engine) -> None:
    await fill(engine, [item("a", "Crème brûlée set")])

    assert await engine.index.suggest("creme bru") == ["Crème brûlée set"]


async def test_what_begins_nothing_completes_nothing(shop: Engine) -> None:
    for prefix in ("", "  ", "!!", "zzz", "🎉", "\0"):
        assert await shop.index.suggest(prefix) == [], prefix


async def test_removed_documents_are_not_suggested(engine: Engine) -> None:
    await fill(engine, [item("a", "Lamp")])
    await engine.index.remove(["a"], version=2)
    await engine.settle()

    assert await engine.index.suggest("lamp") == []


async def test_an_unknown_filter_is_invalid(shop: Engine) -> None:
    with pytest.raises(SearchInvalid):
        await shop.index.suggest("lamp", terms={"price_cents": frozenset({"1"})})
    with pytest.raises(SearchInvalid):
        await shop.index.suggest("lamp", limit=0)
