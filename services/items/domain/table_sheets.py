"""Items in bulk, as CSV: one variant a row. Rows of one item follow each other and share its reference; what belongs to
the item is read from the first of them. Cells of attributes and images hold one a line: `colour=blue`, `https://… alt`.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from services.items.domain.imports import Fault, ImportUnreadable
from services.items.domain.sheets import ENTRIES_MOST, Entry, SheetFormat, SheetItem, SheetVariant, read_lines

_ITEM = {
    name: name
    for name in (
        "reference",
        "title",
        "currency",
        "description",
        "category",
        "tax_rate_bp",
        "attributes",
        "images",
        "status",
    )
}
_VARIANT = {
    "sku": "sku",
    "price_minor": "price_minor",
    "variant": "title",
    "variant_attributes": "attributes",
    "on_hand": "on_hand",
    "withdrawn": "withdrawn",
}
COLUMNS = (*_ITEM, *_VARIANT)
NEEDED = frozenset({"reference", "title", "currency"})
_TOO_MANY = ""

Part = TypeVar("Part", bound=Struct)
Cells = Mapping[str, str]


class _RowUnfitError(Exception):
    """The row does not say what an item or a variant needs."""


def read_sheet(sheet: SheetFormat, source: bytes) -> list[Entry]:
    """Of either format. Raises `ImportUnreadable`."""
    return read_table(source) if sheet == "csv" else read_lines(source)


def read_table(source: bytes) -> list[Entry]:
    """Raises `ImportUnreadable` for what is not UTF-8, has no header as expected, or holds too many items."""
    try:
        rows = list(_rows(source.decode("utf-8-sig")))
    except (UnicodeDecodeError, csv.Error) as unfit:
        raise ImportUnreadable(f"the file is not CSV in UTF-8: {unfit}") from unfit
    header = [name.strip() for name in rows[0][1]] if rows else []
    _require_header(header)
    filled = [(line, _named(header, cells)) for line, cells in rows[1:] if any(cell.strip() for cell in cells)]
    groups = [list(group) for _, group in groupby(filled, key=lambda row: row[1]["reference"])]
    if len(groups) > ENTRIES_MOST:
        raise ImportUnreadable(f"one import has at most {ENTRIES_MOST} items")
    return [_entry(group) for group in groups]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins: a quoted cell may span several."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1


def _require_header(header: Sequence[str]) -> None:
    unknown = sorted(set(header) - set(COLUMNS))
    missing = sorted(NEEDED - set(header))
    if unknown or missing or len(set(header)) != len(header):
        detail = f"the first line names the columns, each once; unknown: {unknown}, missing: {missing}"
        raise ImportUnreadable(detail, columns=list(COLUMNS))


def _named(header: Sequence[str], cells: Sequence[str]) -> Cells:
    missing = [""] * (len(header) - len(cells))
    return {**dict(zip(header, [*cells, *missing], strict=False)), _TOO_MANY: "".join(cells[len(header) :])}


def _entry(rows: Sequence[tuple[int, Cells]]) -> Entry:
    line, first = rows[0]
    faults: list[Fault] = []
    item = _part(line, first, _ITEM, SheetItem, faults)
    variants = [
        _part(number, cells, _VARIANT, SheetVariant, faults)
        for number, cells in rows
        if any(cells.get(name, "").strip() for name in _VARIANT)
    ]
    if item is None or faults:
        return Entry(
            line=line, item=None, faults=list({fault.line: fault for fault in reversed(faults)}.values())[::-1]
        )
    return Entry(line=line, item=replace(item, variants=[part for part in variants if part is not None]), faults=[])


def _part(line: int, cells: Cells, columns: Mapping[str, str], part: type[Part], faults: list[Fault]) -> Part | None:
    """None, and one fault more, when the cells do not fit."""
    try:
        return msgspec.convert(_values(cells, columns), part, strict=False)
    except (msgspec.ValidationError, _RowUnfitError) as unfit:
        fault = Fault(line=line, reference=cells["reference"][:80], code="row_invalid", detail=str(unfit))
        faults.append(fault)
        return None


def _values(cells: Cells, columns: Mapping[str, str]) -> dict[str, object]:
    """Empty cells are left out, so that the field's default holds."""
    if cells[_TOO_MANY].strip():
        raise _RowUnfitError("the row has more cells than there are columns")
    filled = {field: cells[column] for column, field in columns.items() if cells.get(column, "").strip()}
    readers = {"attributes": _attributes, "images": _images}
    return {field: readers[field](cell) if field in readers else cell for field, cell in filled.items()}


def _attributes(cell: str) -> dict[str, str]:
    pairs = [line.partition("=") for line in cell.splitlines() if line.strip()]
    if any(not equals for _, equals, _ in pairs):
        raise _RowUnfitError("attributes are written as key=value, one a line")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _images(cell: str) -> list[dict[str, str]]:
    parted = [line.strip().partition(" ") for line in cell.splitlines() if line.strip()]
    return [{"url": url, "alt": alt} for url, _, alt in parted]


def header_row() -> bytes:
    """The first line of every sheet."""
    return _written([dict(zip(COLUMNS, COLUMNS, strict=True))])


def to_rows(item: SheetItem) -> bytes:
    """One row a variant, one without for an item that has none."""
    first = {
        **{name: str(getattr(item, name) or "") for name in _ITEM},
        "attributes": _attribute_lines(item.attributes),
        "images": "\n".join(f"{image.url} {image.alt}".strip() for image in item.images),
        "tax_rate_bp": str(item.tax_rate_bp),
    }
    variants = [_variant_cells(variant) for variant in item.variants] or [{}]
    later = {"reference": item.reference}
    return _written([{**(later if number else first), **cells} for number, cells in enumerate(variants)])


def _variant_cells(variant: SheetVariant) -> dict[str, str]:
    return {
        "sku": variant.sku,
        "price_minor": str(variant.price_minor),
        "variant": variant.title,
        "variant_attributes": _attribute_lines(variant.attributes),
        "on_hand": "" if variant.on_hand is None else str(variant.on_hand),
        "withdrawn": "true" if variant.withdrawn else "",
    }


def _attribute_lines(attributes: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={value}" for key, value in attributes.items())


def _written(rows: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.DictWriter(text, COLUMNS, restval="").writerows(rows)
    return text.getvalue().encode()
