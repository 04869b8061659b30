from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.items.domain.applying import CurrencyFixed, applied, begun
from services.items.domain.fields import Image
from services.items.domain.imports import ImportUnreadable
from services.items.domain.sheets import SheetItem, SheetVariant, read_lines, sheet_of, to_line
from services.items.domain.table_sheets import header_row, read_table, to_rows

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, tzinfo=UTC)

words = st.text(st.characters(min_codepoint=33, exclude_categories=("C", "Z")), min_size=1, max_size=40)
keys = st.from_regex("[a-z][a-z0-9_]{0,9}", fullmatch=True)
attributes = st.dictionaries(keys, words, max_size=4)
variants = st.lists(
    st.builds(
        SheetVariant,
        sku=st.from_regex("[A-Z0-9][A-Z0-9._-]{1,9}", fullmatch=True),
        price_minor=st.integers(1, 10**6),
        title=st.just("") | words,
        attributes=attributes,
        on_hand=st.none() | st.integers(0, 1000),
        withdrawn=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda variant: variant.sku,
)
sheets = st.lists(
    st.builds(
        SheetItem,
        reference=words,
        title=words,
        currency=st.sampled_from(["EUR", "JPY"]),
        description=st.just("") | words,
        category=st.sampled_from([None, "mugs"]),
        tax_rate_bp=st.integers(0, 10_000),
        attributes=attributes,
        images=st.lists(
            st.builds(Image, url=st.just("https://img.example/a.jpg"), alt=st.just("") | words), max_size=2
        ),
        status=st.sampled_from(["draft", "published", "archived"]),
        variants=variants,
    ),
    max_size=4,
    unique_by=lambda item: item.reference,
)


@given(sheets)
def test_a_table_reads_back_as_it_was_written(items: list[SheetItem]) -> None:
    written = header_row() + b"".join(to_rows(item) for item in items)

    assert [entry.item for entry in read_table(written)] == items


@given(sheets)
def test_lines_read_back_as_they_were_written(items: list[SheetItem]) -> None:
    written = b"".join(to_line(item) for item in items)

    assert [entry.item for entry in read_lines(written)] == items


def test_an_entry_knows_the_line_it_begins_on() -> None:
    table = b'reference,title,currency,description\nA,"Mug",EUR,"two\nlines"\n\nB,Pot,EUR,\n'

    assert [entry.line for entry in read_table(table)] == [2, 5]
    assert [entry.line for entry in read_lines(b"{}\n\n{}\n")] == [1, 3]


@pytest.mark.parametrize(
    "row",
    [
        b"A,Mug,EUR,colour,,",
        b"A,Mug,EUR,,MUG,five",
        b"A,Mug,EUR,,MUG,",
        b"A,Mug,euro,,,",
        b"A,Mug,EUR,,,,too,many",
        b"A,Mug\x07,EUR,,,",
    ],
)
def test_a_row_that_does_not_fit_is_one_fault_on_its_line(row: bytes) -> None:
    (entry,) = read_table(b"reference,title,currency,attributes,sku,price_minor\n" + row + b"\n")

    assert entry.item is None
    assert [(fault.line, fault.reference, fault.code) for fault in entry.faults] == [(2, "A", "row_invalid")]


@pytest.mark.parametrize(
    "table", [b"", b"title,currency\n", b"reference,title,currency,title\n", b"\xff", b'reference,"title\n']
)
def test_a_table_without_its_header_is_no_table(table: bytes) -> None:
    with pytest.raises(ImportUnreadable):
        read_table(table)


MUG = SheetItem(
    reference="A",
    title="Mug",
    currency="EUR",
    description="Tea.",
    category="mugs",
    status="published",
    variants=[SheetVariant(sku="MUG", price_minor=5)],
)


def test_a_sheet_that_says_what_is_there_changes_nothing() -> None:
    item = applied(begun(MUG, item_id=UUID(int=1), seller_id=UUID(int=2), now=NOW), MUG, now=NOW)

    assert applied(item, sheet_of(item, {"MUG": 3}), now=LATER) is item


def test_variants_that_a_sheet_does_not_name_stay() -> None:
    item = applied(begun(MUG, item_id=UUID(int=1), seller_id=UUID(int=2), now=NOW), MUG, now=NOW)
    other = SheetItem(
        reference="A",
        title="Mug",
        currency="EUR",
        description="Tea.",
        status="published",
        variants=[SheetVariant(sku="JUG", price_minor=9)],
    )

    changed = applied(item, other, now=LATER)

    assert [variant.sku for variant in changed.variants] == ["MUG", "JUG"]
    assert changed.category == "mugs"


def test_the_currency_of_an_item_is_fixed() -> None:
    item = begun(MUG, item_id=UUID(int=1), seller_id=UUID(int=2), now=NOW)

    with pytest.raises(CurrencyFixed):
        applied(item, SheetItem(reference="A", title="Mug", currency="USD"), now=LATER)
