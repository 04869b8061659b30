"""Whatever is typed into a search box, the answer is a page or a refusal."""

import random
import string

import pytest

from services.chassis.errors import Invalid
from services.chassis.search.errors import CursorUnknown
from services.chassis.search.port import SearchRequest
from tests.chassis.search.engines import Engine

GARBAGE = [
    "🎉🎉 boots 👢",
    '"',
    '""',
    "'",
    '"unbalanced',
    "(((((",
    "boots)",
    "boots AND",
    "AND OR NOT NEAR",
    "NEAR(boots shoes, 2)",
    "title:boots",
    "{title description} : boots",
    "-boots",
    "^boots",
    "boots*",
    "*",
    "boots + shoes",
    "boots\0shoes",
    "\0",
    "\ud800",
    "boots\udfff",
    "\u202eboots",
    "%_%",
    "'; drop table entry_1; --",
    "{}[]\\/~^!?:",
    '{"match_all": {}}',
    "/regex.*/",
    "boots~2",
    "boots^5",
    "x" * 10_000,
    "boots " * 2_000,
    " ".join(f"word{number}" for number in range(2_000)),
    "(" * 10_000,
    "a\u0301" * 3_000,
    "½ ① ² ﷺ ﬁ",
    "東京タワー",
    "हिन्दी",
    "\r\n\t\v",
]

CURSORS = [
    "",
    "x",
    "🎉",
    "====",
    "a" * 5000,
    "bnVsbA",
    "W10",
    "WyJhIiwxLCJiIl0",
    "WyJhIiwxZTk5OTksImIiXQ",
    "\0",
    "../../etc/passwd",
]


async def test_garbage_is_searched_for_like_any_text(shop: Engine) -> None:
    for text in GARBAGE:
        page = await shop.index.search(SearchRequest(text=text, facets=frozenset({"brand"})))
        suggestions = await shop.index.suggest(text)

        assert page.total == len(page.hits) <= 5, text[:40]
        assert len(suggestions) <= 5, text[:40]


async def test_signs_around_a_word_do_not_hide_it(shop: Engine) -> None:
    for text in ('"boots"', "(boots", "boots*", "🎉boots🎉", "-boots", "boots:", "boots\0"):
        assert [hit.id for hit in (await shop.index.search(SearchRequest(text=text))).hits] == ["boots"], text


async def test_signs_alone_find_nothing(shop: Engine) -> None:
    for text in ("🎉", '"', "***", "\0", "()"):
        assert (await shop.index.search(SearchRequest(text=text))).total == 0, text


async def test_random_characters_never_break_it(shop: Engine) -> None:
    dice = random.Random(5)
    letters = string.printable + "äß🎉\0\ud800\u0301"

    for _ in range(150):
        text = "".join(dice.choices(letters, k=dice.randrange(1, 40)))
        assert (await shop.index.search(SearchRequest(text=text))).total <= 5


async def test_a_cursor_that_nobody_gave_is_invalid(shop: Engine) -> None:
    for cursor in CURSORS:
        with pytest.raises(CursorUnknown):
            await shop.index.search(SearchRequest(cursor=cursor))


async def test_random_cursors_are_invalid(shop: Engine) -> None:
    dice = random.Random(6)
    given = (await shop.index.search(SearchRequest(limit=1))).next
    assert given is not None

    for _ in range(150):
        at = dice.randrange(len(given))
        spoilt = given[:at] + dice.choice(string.ascii_letters) + given[at + 1 :]
        try:
            await shop.index.search(SearchRequest(limit=1, cursor=spoilt))
        except Invalid:
            continue
