import pytest

from services.items.domain.categories import (
    Category,
    CategoryChange,
    CategoryLoop,
    CategoryUnknown,
    ancestry,
    change,
    inside,
    plant,
)
from services.items.domain.refusals import StaleVersion
from services.items.domain.searching import rolled_up

PARENTS = {"home": None, "kitchen": "home", "mugs": "kitchen", "garden": None}


def category(slug: str, *, position: int = 0) -> Category:
    return Category(slug=slug, parent=PARENTS[slug], name=slug.title(), position=position, version=1)


KNOWN = [category(slug) for slug in PARENTS]


def test_neighbours_come_by_position_then_name() -> None:
    tree = plant([category("home", position=1), category("garden", position=2), category("kitchen")])

    assert [(root.slug, [child.slug for child in root.children]) for root in tree] == [
        ("home", ["kitchen"]),
        ("garden", []),
    ]


def test_what_is_inside_counts_on_every_level() -> None:
    assert ancestry("mugs", PARENTS) == ["mugs", "kitchen", "home"]
    assert inside("home", PARENTS) == {"home", "kitchen", "mugs"}
    assert inside("nowhere", PARENTS) == {"nowhere"}
    assert rolled_up({"mugs": 2, "kitchen": 1, "garden": 4}, PARENTS) == {
        "mugs": 2,
        "kitchen": 3,
        "home": 3,
        "garden": 4,
    }


@pytest.mark.parametrize("parent", ["home", "kitchen", "mugs"])
def test_a_category_cannot_be_inside_itself(parent: str) -> None:
    with pytest.raises(CategoryLoop):
        change(category("home"), CategoryChange(version=1, name="Home", parent=parent), KNOWN)


def test_a_category_moves_only_to_where_there_is_one_and_only_as_it_was_seen() -> None:
    with pytest.raises(CategoryUnknown):
        change(category("mugs"), CategoryChange(version=1, name="Mugs", parent="nowhere"), KNOWN)
    with pytest.raises(StaleVersion):
        change(category("mugs"), CategoryChange(version=2, name="Mugs"), KNOWN)


def test_a_moved_category_has_its_new_place_and_the_next_version() -> None:
    moved = change(category("mugs"), CategoryChange(version=1, name="Cups", parent="garden"), KNOWN)

    assert (moved.parent, moved.name, moved.version) == ("garden", "Cups", 2)
