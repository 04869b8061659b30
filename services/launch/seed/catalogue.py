"""What the demonstration shop sells: 240 items, made from the workshops' word lists, the same every time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.launch.seed.workshops import Line, Workshop

SEED: Final = 20_260_101


@dataclass(frozen=True, kw_only=True)
class Category:
    """A branch of the category tree; `parent` is another's slug."""

    slug: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One thing that can be bought."""

    sku: str
    title: str
    price_minor: int
    stock: int


@dataclass(frozen=True, kw_only=True)
class Item:
    """One page of the catalogue."""

    title: str
    description: str
    category: str
    attributes: dict[str, str]
    variants: tuple[Variant, ...]


CATEGORIES: Final = (
    Category(slug="home", name="Home"),
    Category(slug="kitchen", name="Kitchen", parent="home"),
    Category(slug="lighting", name="Lighting", parent="home"),
    Category(slug="textiles", name="Textiles", parent="home"),
    Category(slug="garden", name="Garden"),
    Category(slug="planters", name="Planters", parent="garden"),
    Category(slug="tools", name="Tools", parent="garden"),
    Category(slug="paper", name="Paper & Desk"),
    Category(slug="notebooks", name="Notebooks", parent="paper"),
    Category(slug="writing", name="Writing", parent="paper"),
    Category(slug="bags", name="Bags"),
    Category(slug="audio", name="Audio"),
    Category(slug="toys", name="Toys"),
    Category(slug="pantry", name="Pantry"),
)

_FINISHES: Final = (
    "Made in small batches, so no two are quite alike.",
    "Finished by hand and checked twice before it leaves.",
    "Packed without plastic.",
    "Spare parts are sold for as long as the workshop stands.",
    "Signed and numbered underneath.",
)


def items_of(workshop: Workshop) -> Iterator[Item]:
    """Each line in each material; about one variant in twenty is sold out."""
    chance = random.Random(f"{SEED}/{workshop.slug}")  # noqa: S311 - repeatable on purpose.
    for line in workshop.lines:
        for material in workshop.materials:
            yield _item(workshop, line, material, chance)


def _item(workshop: Workshop, line: Line, material: str, chance: random.Random) -> Item:
    price = round(line.price_minor * chance.uniform(0.85, 1.35) / 50) * 50 - 5
    code = "-".join(_code(word) for word in (workshop.slug, line.noun, material))
    return Item(
        title=f"{material} {line.noun}",
        description=_describe(line, material, chance.choice(_FINISHES)),
        category=line.category,
        attributes={"material": material, "made_in": workshop.country, "maker": workshop.name},
        variants=tuple(
            Variant(
                sku=f"{code}-{_code(option) or 'ONE'}",
                title=option,
                price_minor=price + 400 * place,
                stock=0 if chance.random() < 0.05 else chance.randint(3, 120),  # noqa: PLR2004 - one in twenty.
            )
            for place, option in enumerate(line.options)
        ),
    )


def _describe(line: Line, material: str, finish: str) -> str:
    return f"{_article(material)} {material.lower()} {line.noun.lower()} {line.purpose}. {finish}"


def _code(words: str) -> str:
    """The first four letters or digits of what is long, all of what is short."""
    letters = "".join(letter for letter in words.upper() if letter.isascii() and letter.isalnum())
    return letters[:6]


def _article(word: str) -> str:
    return "An" if word[0] in "AEIOU" else "A"
