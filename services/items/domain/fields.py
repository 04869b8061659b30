"""What a seller may write into each field of an item. Control characters are refused: PostgreSQL stores no NUL, and
nothing else of that kind belongs on a page.
"""

from typing import Annotated

from msgspec import Meta, Struct

_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
_HTTPS = r"""^https://[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[0-9]{1,5})?/[^\x00-\x20\x7f"'<>\\^`{|}]{0,900}$"""

PRICE_MINOR_MOST = 100_000_000_000
STOCK_MOST = 10_000_000
VARIANTS_MOST = 100

Title = Annotated[str, Meta(min_length=1, max_length=160, pattern=_ONE_LINE)]
VariantTitle = Annotated[str, Meta(max_length=120, pattern=_ONE_LINE)]
Description = Annotated[str, Meta(max_length=20_000, pattern=_LINES)]
Reference = Annotated[
    str, Meta(min_length=1, max_length=80, pattern=_ONE_LINE, description="The seller's own name for the item, unique")
]
CategorySlug = Annotated[
    str, Meta(max_length=60, pattern="^[a-z0-9]+(-[a-z0-9]+)*$", description="Slug of a category", examples=["mugs"])
]
CategoryName = Annotated[str, Meta(min_length=1, max_length=80, pattern=_ONE_LINE)]
AttributeKey = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
AttributeValue = Annotated[str, Meta(min_length=1, max_length=120, pattern=_ONE_LINE)]
Attributes = Annotated[
    dict[AttributeKey, AttributeValue], Meta(max_length=30, description="Such as colour, size, material")
]
TaxRateBp = Annotated[int, Meta(ge=0, le=10_000, description="Basis points of the price that are tax: 1900 is 19%")]
OnHand = Annotated[int, Meta(ge=0, le=STOCK_MOST)]
SeenNumber = Annotated[int, Meta(ge=1, le=2_147_483_647, description="The version that was seen")]
PriceMinor = Annotated[int, Meta(ge=1, le=PRICE_MINOR_MOST, description="Minor units of the item's currency")]
ImageUrl = Annotated[
    str, Meta(pattern=_HTTPS, description="An https address", examples=["https://img.example/mug.jpg"])
]


class Image(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture and what it shows, for those who cannot see it."""

    url: ImageUrl
    alt: Annotated[str, Meta(max_length=200, pattern=_ONE_LINE)] = ""


Images = Annotated[list[Image], Meta(max_length=10)]
