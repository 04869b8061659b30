"""A small shop window, and a large one made by dice."""

import random

from services.chassis.search.port import Document, IndexShape, Value

SHAPE = IndexShape(
    text={"title": 4.0, "description": 1.0},
    keyword=frozenset({"brand", "colours", "category"}),
    number=frozenset({"price_cents", "rating"}),
    suggest="title",
    stored=frozenset({"image"}),
)


def item(item_id: str, title: str, /, *, version: int = 1, **fields: Value) -> Document:
    return Document(id=item_id, version=version, fields={"title": title, **fields})


_WINDOW = [
    item(
        "boots",
        "Leather hiking boots",
        description="Waterproof boots for the mountains, with a red lace.",
        brand="Alpina",
        colours=["brown", "red"],
        category="shoes",
        price_cents=12900,
        rating=450,
        image="boots.jpg",
    ),
    item(
        "runners",
        "Red running shoes",
        description="Light shoes for the road.",
        brand="Swift",
        colours=["red"],
        category="shoes",
        price_cents=8900,
        rating=430,
    ),
    item(
        "loafers",
        "Men's loafers",
        description="Brown leather shoes for the office.",
        brand="Alpina",
        colours=["brown"],
        category="shoes",
        price_cents=9900,
    ),
    item(
        "teapot",
        "Japanese teapot",
        description="Cast iron, holds one litre. Café style.",
        brand="Kyo",
        colours=["black"],
        category="kitchen",
        price_cents=5900,
        rating=480,
    ),
    item(
        "mug",
        "Straßburg mug & saucer <large>",
        description='A "red" mug',
        brand="Kyo",
        colours=["red", "black"],
        category="kitchen",
        price_cents=1900,
        rating=310,
    ),
]


def window() -> list[Document]:
    return list(_WINDOW)


_WORDS = [
    "leather",
    "canvas",
    "cotton",
    "linen",
    "silk",
    "wooden",
    "ceramic",
    "copper",
    "vintage",
    "modern",
    "handmade",
    "organic",
    "waterproof",
    "foldable",
    "compact",
    "lamp",
    "chair",
    "table",
    "bottle",
    "jacket",
    "backpack",
    "notebook",
    "headphones",
    "keyboard",
    "blanket",
    "cushion",
    "kettle",
    "basket",
    "hammock",
    "tent",
    "café",
    "crème",
    "señor",
    "naïve",
    "straße",
    "2024",
    "2025",
    "size42",
    "o'brien",
    "men's",
    "red",
    "green",
    "blue",
]


def many(count: int, *, seed: int) -> list[Document]:
    """Documents that resemble one another enough for every kind of request to find some."""
    dice = random.Random(seed)
    return [_diced(f"item-{number:04}", dice) for number in range(count)]


def misspelt(dice: random.Random) -> str:
    """A word of the shop, rarely as it should be."""
    word = dice.choice(_WORDS)
    at = dice.randrange(1, max(2, len(word)))
    swapped = word[:at] + word[at:][1::-1] + word[at:][2:]
    return dice.choice([word, word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], swapped])


def _diced(item_id: str, dice: random.Random) -> Document:
    fields: dict[str, Value] = {
        "title": " ".join(dice.sample(_WORDS, 3)).title(),
        "description": " ".join(dice.choices(_WORDS, k=12)),
        "brand": dice.choice(["Alpina", "Swift", "Kyo", "Ö & Co", None]),
        "colours": dice.sample(["red", "green", "blue", "black"], dice.randrange(4)),
        "category": dice.choice(["home", "garden", "office"]),
        "price_cents": dice.randrange(100, 20_000, 100),
    }
    if dice.random() < 0.8:
        fields["rating"] = dice.randrange(100, 500, 50)
    return Document(id=item_id, version=1, fields=fields)
