from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.contracts.money import Money
from services.items.domain import items
from services.items.domain.items import Item, ItemChange, NewItem, NewVariant, Status, VariantChange
from services.items.domain.refusals import (
    IllegalMove,
    ItemIncomplete,
    PriceRefused,
    SkuTaken,
    StaleVersion,
    TooManyVariants,
    VariantMissing,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, tzinfo=UTC)
EUROS = Money(minor=1900, currency="EUR")


def drafted() -> Item:
    wanted = NewItem(title="Blue Mug", currency="EUR", description="Holds tea.", category="mugs")
    return items.draft(wanted, item_id=UUID(int=0xABCDEF0123), seller_id=UUID(int=1), now=NOW)


def complete() -> Item:
    return items.add_variant(drafted(), NewVariant(sku="MUG-BLUE", price=EUROS), now=NOW)


def published() -> Item:
    return items.move(complete(), "published", now=NOW)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Blue Mug", "blue-mug-abcdef0123"),
        ("  Tasse à café: n° 2! ", "tasse-a-cafe-n-2-abcdef0123"),
        ("青いマグ", "item-abcdef0123"),
        ("x" * 100, f"{'x' * 60}-abcdef0123"),
    ],
)
def test_a_slug_is_readable_and_ends_with_the_id(title: str, slug: str) -> None:
    assert items.slug_of(title, UUID(int=0xABCDEF0123)) == slug


def test_an_item_without_a_reference_is_called_by_its_slug() -> None:
    assert drafted().reference == drafted().slug


@pytest.mark.parametrize(
    ("status", "to", "allowed"),
    [
        ("draft", "published", True),
        ("draft", "archived", True),
        ("published", "archived", True),
        ("archived", "published", True),
        ("published", "published", False),
        ("published", "draft", False),
        ("archived", "draft", False),
        ("archived", "archived", False),
        ("draft", "draft", False),
    ],
)
def test_a_status_leads_only_where_it_may(status: Status, to: Status, allowed: bool) -> None:  # noqa: FBT001 - a table.
    item = replace(complete(), status=status)

    if allowed:
        assert items.move(item, to, now=LATER).status == to
    else:
        with pytest.raises(IllegalMove):
            items.move(item, to, now=LATER)


def test_the_day_of_first_publication_stays() -> None:
    archived = items.move(published(), "archived", now=NOW)

    again = items.move(archived, "published", now=LATER)

    assert (again.listed_at, again.updated_at) == (NOW, LATER)


def test_every_change_raises_the_version_by_one() -> None:
    item = published()

    edited = items.edit(item, ItemChange(version=item.version, title="Azure Mug"), now=LATER)

    assert (edited.title, edited.description) == ("Azure Mug", item.description)
    assert edited.version == item.version + 1


def test_a_stale_version_is_refused() -> None:
    item = published()

    with pytest.raises(StaleVersion):
        items.edit(item, ItemChange(version=item.version - 1, title="X"), now=LATER)
    with pytest.raises(StaleVersion):
        items.change_variant(item, "MUG-BLUE", VariantChange(version=item.version + 1), now=LATER)


def test_an_item_on_sale_keeps_a_variant_on_offer() -> None:
    item = published()

    with pytest.raises(ItemIncomplete) as refused:
        items.change_variant(item, "MUG-BLUE", VariantChange(version=item.version, withdrawn=True), now=LATER)

    assert refused.value.facts == {"missing": ["variants"]}


def test_a_draft_may_withdraw_its_last_variant() -> None:
    item = complete()

    changed = items.change_variant(item, "MUG-BLUE", VariantChange(version=item.version, withdrawn=True), now=LATER)

    assert changed.on_offer == ()


@pytest.mark.parametrize(("minor", "currency"), [(0, "EUR"), (-1, "EUR"), (100_000_000_001, "EUR"), (1900, "USD")])
def test_a_price_outside_the_items_currency_or_reason_is_refused(minor: int, currency: str) -> None:
    wanted = NewVariant(sku="MUG-RED", price=Money(minor=minor, currency=currency))

    with pytest.raises(PriceRefused):
        items.add_variant(complete(), wanted, now=NOW)


def test_a_sku_is_used_once_in_an_item() -> None:
    with pytest.raises(SkuTaken):
        items.add_variant(complete(), NewVariant(sku="MUG-BLUE", price=EUROS), now=NOW)


def test_an_item_has_a_bounded_number_of_variants() -> None:
    item = drafted()
    for number in range(100):
        item = items.add_variant(item, NewVariant(sku=f"MUG-{number}", price=EUROS), now=NOW)

    with pytest.raises(TooManyVariants):
        items.add_variant(item, NewVariant(sku="ONE-MORE", price=EUROS), now=NOW)


def test_only_a_variant_of_the_item_can_be_changed() -> None:
    item = complete()

    with pytest.raises(VariantMissing):
        items.change_variant(item, "OTHER", VariantChange(version=item.version), now=LATER)


def test_an_offer_names_item_and_variant() -> None:
    item = items.add_variant(complete(), NewVariant(sku="MUG-RED", price=EUROS, title="Red"), now=NOW)

    assert [items.offer_of(item, variant).title for variant in item.variants] == ["Blue Mug", "Blue Mug, Red"]
