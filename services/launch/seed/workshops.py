"""Who sells in the demonstration shop, and what each makes of which materials."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Line:
    """A kind of thing a seller makes, and in what it varies."""

    noun: str
    category: str
    price_minor: int
    purpose: str
    options: tuple[str, ...] = ("",)


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """A seller: who they are and what they make of what."""

    name: str
    slug: str
    owner: str
    story: str
    country: str
    materials: tuple[str, ...]
    lines: tuple[Line, ...]


_SIZES = ("S", "M", "L")

WORKSHOPS: Final = (
    Workshop(
        name="Clay & Ember",
        slug="clay-and-ember",
        owner="Mira Okafor",
        story="Tableware thrown by hand in a former bakery.",
        country="DE",
        materials=("Stoneware", "Porcelain", "Terracotta", "Speckled Clay", "Raku"),
        lines=(
            Line(
                noun="Mug", category="kitchen", price_minor=1900, purpose="for slow mornings", options=("Blue", "Sand")
            ),
            Line(noun="Bowl", category="kitchen", price_minor=2400, purpose="for soup and salad", options=_SIZES),
            Line(
                noun="Plate", category="kitchen", price_minor=2200, purpose="for every day", options=("21 cm", "27 cm")
            ),
            Line(noun="Vase", category="home", price_minor=4200, purpose="for one branch or ten"),
            Line(noun="Teapot", category="kitchen", price_minor=5600, purpose="for two or three cups"),
            Line(noun="Planter", category="planters", price_minor=3100, purpose="for herbs on a sill", options=_SIZES),
        ),
    ),
    Workshop(
        name="Lumen Atelier",
        slug="lumen-atelier",
        owner="Jonas Weber",
        story="Lamps that can be repaired, from a studio that repairs them.",
        country="DE",
        materials=("Brass", "Smoked Glass", "Ash Wood", "Opal Glass", "Powder-Coated Steel"),
        lines=(
            Line(noun="Desk Lamp", category="lighting", price_minor=11900, purpose="with a warm, steady light"),
            Line(noun="Pendant", category="lighting", price_minor=14900, purpose="above a table", options=_SIZES),
            Line(noun="Wall Light", category="lighting", price_minor=8900, purpose="for corridors and beds"),
            Line(noun="Floor Lamp", category="lighting", price_minor=22900, purpose="beside a reading chair"),
            Line(noun="Candle Holder", category="home", price_minor=2900, purpose="for an evening without screens"),
            Line(
                noun="Lantern",
                category="garden",
                price_minor=5400,
                purpose="for steps and terraces",
                options=("S", "L"),
            ),
        ),
    ),
    Workshop(
        name="North Loom",
        slug="north-loom",
        owner="Freya Lindqvist",
        story="Woven on old looms, in wool that can be traced to its field.",
        country="SE",
        materials=("Lambswool", "Linen", "Organic Cotton", "Alpaca", "Hemp"),
        lines=(
            Line(
                noun="Blanket",
                category="textiles",
                price_minor=12900,
                purpose="for sofas in winter",
                options=("Grey", "Rust"),
            ),
            Line(
                noun="Cushion Cover", category="textiles", price_minor=3900, purpose="with a hidden zip", options=_SIZES
            ),
            Line(noun="Tea Towel", category="kitchen", price_minor=1600, purpose="that dries without lint"),
            Line(noun="Throw", category="textiles", price_minor=8900, purpose="light enough for June"),
            Line(noun="Table Runner", category="textiles", price_minor=4700, purpose="for long tables"),
            Line(
                noun="Scarf",
                category="bags",
                price_minor=5900,
                purpose="wide enough to be a shawl",
                options=("Ink", "Oat"),
            ),
        ),
    ),
    Workshop(
        name="Fold & Bind",
        slug="fold-and-bind",
        owner="Camille Roux",
        story="Notebooks sewn so that they lie flat.",
        country="FR",
        materials=("Recycled Paper", "Cotton Paper", "Kraft", "Cloth-Bound", "Letterpress"),
        lines=(
            Line(noun="Notebook", category="notebooks", price_minor=1400, purpose="of 160 pages", options=("A5", "A6")),
            Line(noun="Sketchbook", category="notebooks", price_minor=2100, purpose="that takes ink and wash"),
            Line(noun="Planner", category="notebooks", price_minor=2600, purpose="undated, for any year"),
            Line(noun="Card Set", category="paper", price_minor=1200, purpose="of eight with envelopes"),
            Line(noun="Desk Pad", category="paper", price_minor=1800, purpose="to tear off by the week"),
            Line(
                noun="Folder",
                category="paper",
                price_minor=1100,
                purpose="for papers that travel",
                options=("A4", "A5"),
            ),
        ),
    ),
    Workshop(
        name="Graphite Works",
        slug="graphite-works",
        owner="Tomas Novak",
        story="Pens and pencils turned on a lathe.",
        country="CZ",
        materials=("Walnut", "Cherry", "Aluminium", "Copper", "Ebonite"),
        lines=(
            Line(
                noun="Fountain Pen",
                category="writing",
                price_minor=8900,
                purpose="with a steel nib",
                options=("F", "M"),
            ),
            Line(noun="Ballpoint", category="writing", price_minor=3900, purpose="that takes standard refills"),
            Line(noun="Mechanical Pencil", category="writing", price_minor=4400, purpose="for 0.7 mm leads"),
            Line(noun="Pen Tray", category="paper", price_minor=2700, purpose="for a tidy desk"),
            Line(noun="Letter Opener", category="writing", price_minor=2300, purpose="with a dull, safe edge"),
            Line(
                noun="Ruler",
                category="writing",
                price_minor=1500,
                purpose="in millimetres and inches",
                options=("15 cm", "30 cm"),
            ),
        ),
    ),
    Workshop(
        name="Harbour Goods",
        slug="harbour-goods",
        owner="Ines Carvalho",
        story="Bags cut from sails that have seen weather.",
        country="PT",
        materials=("Sailcloth", "Waxed Canvas", "Cork", "Vegetable-Tanned Leather", "Recycled Nylon"),
        lines=(
            Line(noun="Tote", category="bags", price_minor=4900, purpose="for the market", options=("Navy", "White")),
            Line(
                noun="Backpack",
                category="bags",
                price_minor=11900,
                purpose="for a laptop and lunch",
                options=("15 l", "22 l"),
            ),
            Line(noun="Wash Bag", category="bags", price_minor=3400, purpose="that stands up by itself"),
            Line(noun="Wallet", category="bags", price_minor=4200, purpose="for cards and a few notes"),
            Line(noun="Weekender", category="bags", price_minor=15900, purpose="that fits under a seat"),
            Line(noun="Tool Roll", category="tools", price_minor=3900, purpose="for secateurs and twine"),
        ),
    ),
    Workshop(
        name="Hollow Oak Audio",
        slug="hollow-oak-audio",
        owner="Sam Whitaker",
        story="Small loudspeakers with large ideas.",
        country="IE",
        materials=("Oak", "Birch", "Bamboo", "Concrete", "Walnut"),
        lines=(
            Line(noun="Bookshelf Speaker", category="audio", price_minor=18900, purpose="sold as a pair"),
            Line(noun="Bluetooth Speaker", category="audio", price_minor=9900, purpose="with ten hours of battery"),
            Line(noun="Headphone Stand", category="audio", price_minor=3200, purpose="with a place for the cable"),
            Line(noun="Record Crate", category="audio", price_minor=5900, purpose="for eighty records"),
            Line(noun="Radio", category="audio", price_minor=12900, purpose="with one dial and no menu"),
            Line(
                noun="Phone Horn", category="audio", price_minor=2900, purpose="that needs no power", options=("S", "L")
            ),
        ),
    ),
    Workshop(
        name="Little Meadow",
        slug="little-meadow",
        owner="Aiko Tanaka",
        story="Toys and treats for people under four feet, and their parents.",
        country="NL",
        materials=("Beech", "Felt", "Maple", "Organic", "Painted"),
        lines=(
            Line(noun="Stacking Tower", category="toys", price_minor=2400, purpose="of seven rings"),
            Line(
                noun="Puzzle",
                category="toys",
                price_minor=1700,
                purpose="of chunky pieces",
                options=("12 pcs", "24 pcs"),
            ),
            Line(noun="Train", category="toys", price_minor=3600, purpose="with three wagons"),
            Line(
                noun="Hand Puppet",
                category="toys",
                price_minor=1900,
                purpose="for stories",
                options=("Fox", "Owl", "Bear"),
            ),
            Line(noun="Seed Set", category="garden", price_minor=900, purpose="for a first small garden"),
            Line(
                noun="Honey",
                category="pantry",
                price_minor=1100,
                purpose="from the meadow behind the shop",
                options=("250 g", "500 g"),
            ),
        ),
    ),
)
