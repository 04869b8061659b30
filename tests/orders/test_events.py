import msgspec

from services.chassis.ids import uuid7
from services.contracts.auth import UserErased
from services.contracts.items import ItemListed, ItemWithdrawn, Offer
from services.contracts.listeners import LISTENERS
from services.contracts.message import Event, Message
from services.contracts.users import SellerApproved, SellerSuspended
from services.orders.events import SUBSCRIPTIONS
from services.orders.store import carts, offers, people
from tests.orders.market import ANNA, BEN, POTTER, POTTER_OWNER, Market, offer

ITEM = offer("MUG", 1).item_id


async def _hear(market: Market, event: Event, *, version: int) -> None:
    apply = next(subscription.apply for subscription in SUBSCRIPTIONS if subscription.kind == event.kind)
    message = Message(
        event_id=uuid7(),
        kind=event.kind,
        schema_version=1,
        aggregate_id="one",
        aggregate_version=version,
        occurred_at=market.clock(),
        payload=msgspec.json.encode(event),
        headers={},
    )
    async with market.database.unit() as unit:
        await apply(unit, message)


def _listed(*sold: Offer) -> ItemListed:
    return ItemListed(item_id=ITEM, seller_id=POTTER, slug="mug", title="Mug", category="kitchen", offers=list(sold))


def _same_item(sold: Offer) -> Offer:
    return msgspec.structs.replace(sold, item_id=ITEM)


async def _prices(market: Market, *skus: str) -> dict[str, int]:
    return {sku: found.price.minor for sku, found in (await offers.of_skus(market.database, skus)).items()}


async def test_a_listed_item_is_quoted_as_it_was_listed_last(market: Market) -> None:
    small, large = _same_item(offer("MUG", 1000)), _same_item(offer("MUG-L", 1500))

    await _hear(market, _listed(small, large), version=1)
    await _hear(market, _listed(msgspec.structs.replace(small, price=offer("X", 1100).price)), version=2)

    assert await _prices(market, "MUG", "MUG-L") == {"MUG": 1100}


async def test_news_that_was_overtaken_is_dropped(market: Market) -> None:
    await _hear(market, _listed(_same_item(offer("MUG", 1100))), version=3)

    await _hear(market, _listed(_same_item(offer("MUG", 1000))), version=2)
    await _hear(market, ItemWithdrawn(item_id=ITEM, seller_id=POTTER), version=1)

    assert await _prices(market, "MUG") == {"MUG": 1100}


async def test_a_withdrawn_item_is_not_quoted_and_does_not_come_back_by_late_news(market: Market) -> None:
    await _hear(market, _listed(_same_item(offer("MUG", 1000))), version=1)

    await _hear(market, ItemWithdrawn(item_id=ITEM, seller_id=POTTER), version=2)
    await _hear(market, _listed(_same_item(offer("MUG", 1000))), version=1)

    assert await _prices(market, "MUG") == {}


async def test_more_skus_than_one_look_up_takes_are_all_found(market: Market) -> None:
    skus = [f"SKU-{number}" for number in range(20)]
    await _hear(market, _listed(*(_same_item(offer(sku, 100)) for sku in skus)), version=1)

    assert set(await _prices(market, *skus, "GONE")) == set(skus)


async def test_the_owner_of_a_seller_is_known_even_when_suspended(market: Market) -> None:
    approved = SellerApproved(seller_id=POTTER, owner_id=POTTER_OWNER, name="Potter", slug="potter")
    await _hear(market, approved, version=1)

    await _hear(market, SellerSuspended(seller_id=POTTER, owner_id=POTTER_OWNER, reason="late"), version=2)

    assert await offers.seller_of(market.database, POTTER_OWNER) == POTTER
    assert await offers.seller_of(market.database, ANNA) is None


async def test_an_erased_user_loses_carts_at_once_and_addresses_when_nothing_is_to_be_sent(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    sent = await market.buy(ANNA, MUG=1, key="to be sent")
    failed = await market.buy(ANNA, MUG=1, key="failed", method="tok_declined")
    others = await market.buy(BEN, MUG=1, key="another's", method="tok_declined")
    left = await market.cart(ANNA, MUG=1)

    await _hear(market, UserErased(user_id=ANNA), version=1)

    assert await carts.find(market.database, left.id) is None
    assert (await market.now(failed)).checkout.address is None
    assert (await market.now(sent)).checkout.address is not None
    assert (await market.now(others)).checkout.address is not None


async def test_the_address_of_an_erased_user_goes_when_their_last_order_is_closed(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    bought = await market.buy(ANNA, MUG=1)
    await _hear(market, UserErased(user_id=ANNA), version=1)
    await market.end(bought)

    async with market.database.unit() as unit:
        forgotten = await people.erase_addresses(unit)

    assert forgotten == 1
    assert (await market.now(bought)).checkout.address is None


def test_every_event_of_the_table_of_listeners_is_handled() -> None:
    assert {subscription.kind for subscription in SUBSCRIPTIONS} == {event.kind for event in LISTENERS["orders"]}
