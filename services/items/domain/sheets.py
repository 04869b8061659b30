"""Items in bulk, as JSON lines: one item a line, with its variants. `table_sheets` has the same as CSV.

A sheet that was exported can be imported again and changes nothing.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from services.contracts.items import Sku
from services.contracts.money import Currency
from services.items.domain.fields import (
    Attributes,
    CategorySlug,
    Description,
    Images,
    OnHand,
    PriceMinor,
    Reference,
    TaxRateBp,
    Title,
    VariantTitle,
)
from services.items.domain.imports import Fault, ImportUnreadable
from services.items.domain.items import Item, Status

SheetFormat = Literal["csv", "jsonl"]
ENTRIES_MOST = 50_000


class SheetVariant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One variant; `on_hand` left out leaves its stock alone."""

    sku: Sku
    price_minor: PriceMinor
    title: VariantTitle = ""
    attributes: Attributes = {}
    on_hand: OnHand | None = None
    withdrawn: bool = False


class SheetItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item, found again by its reference. Variants that are not named stay as they are."""

    reference: Reference
    title: Title
    currency: Currency
    description: Description = ""
    category: CategorySlug | None = None
    tax_rate_bp: TaxRateBp = 0
    attributes: Attributes = {}
    images: Images = []
    status: Status = "draft"
    variants: list[SheetVariant] = []


class Entry(Struct, frozen=True, kw_only=True):
    """One item of a sheet, or why it is none."""

    line: int
    """Where it begins, from 1."""
    item: SheetItem | None
    faults: list[Fault]


class _Named(Struct):
    reference: str = ""


def read_lines(source: bytes) -> list[Entry]:
    """Blank lines are skipped. Raises `ImportUnreadable` for too many items."""
    numbered = [(number, line) for number, line in enumerate(source.split(b"\n"), start=1) if line.strip()]
    if len(numbered) > ENTRIES_MOST:
        raise ImportUnreadable(f"one import has at most {ENTRIES_MOST} items")
    return [_entry(number, line) for number, line in numbered]


def _entry(number: int, line: bytes) -> Entry:
    try:
        return Entry(line=number, item=msgspec.json.decode(line, type=SheetItem), faults=[])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as unfit:
        fault = Fault(line=number, reference=_reference(line), code="row_invalid", detail=str(unfit))
        return Entry(line=number, item=None, faults=[fault])


def _reference(line: bytes) -> str:
    try:
        return msgspec.json.decode(line, type=_Named).reference[:80]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def sheet_of(item: Item, on_hand: Mapping[str, int]) -> SheetItem:
    """The item as a sheet has it; `on_hand` is by SKU."""
    return SheetItem(
        reference=item.reference,
        title=item.title,
        currency=item.currency,
        description=item.description,
        category=item.category,
        tax_rate_bp=item.tax_rate_bp,
        attributes=item.attributes,
        images=item.images,
        status=item.status,
        variants=[
            SheetVariant(
                sku=variant.sku,
                price_minor=variant.price.minor,
                title=variant.title,
                attributes=variant.attributes,
                on_hand=on_hand[variant.sku],
                withdrawn=variant.withdrawn,
            )
            for variant in item.variants
        ],
    )


def to_line(row: SheetItem) -> bytes:
    """With its line end."""
    return msgspec.json.encode(row) + b"\n"
