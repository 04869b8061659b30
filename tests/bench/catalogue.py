"""What is sold in every shop that is measured: 500 items with the same titles, texts and prices."""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from services.items.domain.sheets import SheetItem, SheetVariant

CATEGORY: Final = "everything"
CURRENCY: Final = "EUR"
STOCK: Final = 1_000_000
PAGE: Final = 20
_MATERIAL_WORDS: Final = (
    "Walnut Linen Copper Granite Velvet Bamboo Porcelain Wicker Marble Cotton Leather Brass Cedar Felt Ceramic "
    "Silk Steel Cork Amber Slate Hemp Pewter Birch Glass Wool"
)
_NOUN_WORDS: Final = (
    "Lamp Kettle Basket Mirror Blanket Candle Notebook Planter Teapot Cushion Clock Tray Vase Stool Apron Lantern "
    "Coaster Whistle Umbrella Satchel"
)
_MATERIALS: Final = _MATERIAL_WORDS.split()
_NOUNS: Final = _NOUN_WORDS.split()
_SENTENCE: Final = (
    "It is made by hand in a small workshop, packed without plastic, and can be repaired when it breaks. "
)


class Product(Struct, frozen=True, kw_only=True):
    """One thing to buy."""

    number: int
    title: str
    sku: str
    slug: str
    description: str
    price_minor: int

    @property
    def image_url(self) -> str:
        """Nobody loads it."""
        return f"https://images.souk.example/{self.number}.jpg"


def products() -> Iterator[Product]:
    """All of them, the same ones every time."""
    for number in range(len(_MATERIALS) * len(_NOUNS)):
        material, noun = _MATERIALS[number // len(_NOUNS)], _NOUNS[number % len(_NOUNS)]
        yield Product(
            number=number,
            title=f"{material} {noun}",
            sku=f"BENCH-{number:04}",
            slug=f"{material}-{noun}".lower(),
            description=f"{material} {noun}. {_SENTENCE * 2}",
            price_minor=1_000 + number,
        )


def queries() -> list[str]:
    """What buyers look for: every word of the titles, and as many pairs that name one item."""
    words = [*_MATERIALS, *_NOUNS]
    pairs = [f"{material} {_NOUNS[place % len(_NOUNS)]}" for place, material in enumerate(_MATERIALS * 2)]
    return [query.lower() for query in (*words, *pairs)]


def sheet(some: list[Product]) -> bytes:
    """These as JSON lines for an import, published and in stock."""
    return b"".join(msgspec.json.encode(_row(product)) + b"\n" for product in some)


def _row(product: Product) -> SheetItem:
    variant = SheetVariant(sku=product.sku, price_minor=product.price_minor, on_hand=STOCK)
    return SheetItem(
        reference=product.sku,
        title=product.title,
        currency=CURRENCY,
        description=product.description,
        category=CATEGORY,
        tax_rate_bp=1_900,
        attributes={"material": product.title.split()[0]},
        status="published",
        variants=[variant],
    )
