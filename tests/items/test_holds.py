from datetime import timedelta
from uuid import UUID

import msgspec

from services.chassis.ids import uuid7
from services.contracts.items import Quotes, RequestQuotes, StockRanOut, StockReturned
from tests.items.market import Market, code, held, read


async def test_a_hold_reserves_what_it_names_at_the_offers_of_the_moment(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE", on_hand=10, tax_rate_bp=1900)

    _, answer = await market.hold({"MUG-BLUE": 4})
    hold = held(answer)

    assert (hold.state, [offer.sku for offer in hold.offers]) == ("held", ["MUG-BLUE"])
    assert (hold.offers[0].item_id, hold.offers[0].price.minor, hold.offers[0].tax_rate_bp) == (item.id, 1900, 1900)
    assert await market.level("MUG-BLUE") == (10, 4, 1)


async def test_lines_of_one_sku_are_added_up(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=5)
    line = {"sku": "MUG-BLUE", "quantity": 3}
    wanted = {"hold_id": uuid7(), "lines": [line, line], "expires_at": market.clock() + timedelta(minutes=15)}

    refused = await market.ask("POST", "/internal/v1/holds", wanted, as_="orders")

    assert code(refused) == (409, "out_of_stock")
    assert (refused.json()["sku"], refused.json()["free"]) == ("MUG-BLUE", 5)


async def test_a_hold_takes_all_lines_or_none(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=5)
    await market.sell("Red Mug", "MUG-RED", on_hand=1)

    _, refused = await market.hold({"MUG-BLUE": 5, "MUG-RED": 2})

    assert code(refused) == (409, "out_of_stock")
    assert await market.level("MUG-BLUE") == (5, 0, 1)


async def test_the_same_hold_again_answers_the_hold_that_is_there(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=5)

    hold_id, first = await market.hold({"MUG-BLUE": 2})
    _, again = await market.hold({"MUG-BLUE": 2}, hold_id=hold_id)

    assert held(again) == held(first)
    assert await market.level("MUG-BLUE") == (5, 2, 1)


async def test_the_same_hold_again_answers_even_when_the_item_is_off_sale_by_now(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=5)
    hold_id, first = await market.hold({"MUG-BLUE": 2})
    await market.suspend()

    _, again = await market.hold({"MUG-BLUE": 2}, hold_id=hold_id)

    assert held(again) == held(first)


async def test_what_is_not_on_sale_cannot_be_held(market: Market) -> None:
    await market.add_variant(await market.draft(), "MUG-BLUE")

    _, refused = await market.hold({"MUG-BLUE": 1})

    assert code(refused) == (404, "offer_missing")
    assert refused.json()["sku"] == "MUG-BLUE"


async def test_a_hold_that_would_be_over_already_is_refused(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE")

    _, refused = await market.hold({"MUG-BLUE": 1}, lasts_s=0)

    assert code(refused) == (422, "hold_refused")


async def test_a_committed_hold_takes_its_units_for_good_however_often_it_is_told(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    hold_id, _ = await market.hold({"MUG-BLUE": 4})

    first = held(await market.settle_hold(hold_id, "commit"))
    again = held(await market.settle_hold(hold_id, "commit"))

    assert (first.state, again) == ("committed", first)
    assert await market.level("MUG-BLUE") == (6, 0, 2)


async def test_a_released_hold_gives_its_units_back_once(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    hold_id, _ = await market.hold({"MUG-BLUE": 4})
    await market.hold({"MUG-BLUE": 3})

    first = held(await market.settle_hold(hold_id, "release"))
    again = held(await market.settle_hold(hold_id, "release"))

    assert (first.state, again) == ("released", first)
    assert await market.level("MUG-BLUE") == (10, 3, 1)


async def test_a_released_hold_cannot_be_committed_nor_a_committed_one_released(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    released, _ = await market.hold({"MUG-BLUE": 1})
    committed, _ = await market.hold({"MUG-BLUE": 1})
    await market.settle_hold(released, "release")
    await market.settle_hold(committed, "commit")

    assert code(await market.settle_hold(released, "commit")) == (409, "hold_expired")
    assert code(await market.settle_hold(committed, "release")) == (409, "hold_committed")
    assert code(await market.settle_hold(UUID(int=7), "commit")) == (404, "hold_missing")


async def test_an_expired_hold_gives_its_units_back_and_cannot_be_committed(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    hold_id, _ = await market.hold({"MUG-BLUE": 4}, lasts_s=60)
    staying, _ = await market.hold({"MUG-BLUE": 1}, lasts_s=120)

    market.clock.pass_by(60)
    await market.run("expire_holds")

    assert await market.level("MUG-BLUE") == (10, 1, 1)
    assert code(await market.settle_hold(hold_id, "commit")) == (409, "hold_expired")
    assert held(await market.settle_hold(hold_id, "release")).state == "expired"
    assert held(await market.settle_hold(staying, "commit")).state == "committed"


async def test_a_late_commit_is_good_as_long_as_the_units_have_not_gone_back(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    hold_id, _ = await market.hold({"MUG-BLUE": 4}, lasts_s=60)

    market.clock.pass_by(61)
    committed = held(await market.settle_hold(hold_id, "commit"))
    await market.run("expire_holds")

    assert committed.state == "committed"
    assert await market.level("MUG-BLUE") == (6, 0, 2)


async def test_availability_does_not_count_expired_holds(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE", on_hand=3)
    await market.hold({"MUG-BLUE": 2}, lasts_s=60)
    await market.hold({"MUG-BLUE": 1}, lasts_s=600)

    before = (await market.ask("GET", f"/api/v1/items/{item.id}/availability")).json()
    market.clock.pass_by(61)
    after = (await market.ask("GET", f"/api/v1/items/{item.id}/availability")).json()
    quotes = await market.ask("POST", "/internal/v1/quotes", RequestQuotes(skus=["MUG-BLUE"]), as_="orders")

    assert before["items"] == [{"sku": "MUG-BLUE", "free": 0}]
    assert after["items"] == [{"sku": "MUG-BLUE", "free": 2}]
    assert [quote.free for quote in read(quotes, Quotes).quotes] == [2]


async def test_a_hold_that_finds_too_little_takes_back_what_expired_ones_keep(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=3)
    await market.sell("Red Mug", "MUG-RED", on_hand=3)
    await market.hold({"MUG-BLUE": 3, "MUG-RED": 1}, lasts_s=60)

    market.clock.pass_by(61)
    _, answer = await market.hold({"MUG-BLUE": 2})

    assert held(answer).state == "held"
    assert await market.level("MUG-BLUE") == (3, 2, 1)
    assert await market.level("MUG-RED") == (3, 0, 1)


async def test_a_settled_hold_is_forgotten_after_ninety_days_and_one_that_is_held_never(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    settled, _ = await market.hold({"MUG-BLUE": 4})
    await market.settle_hold(settled, "commit")
    staying, _ = await market.hold({"MUG-BLUE": 1})

    market.clock.pass_by(89 * 86_400)
    await market.run("forget_holds")
    kept = held(await market.settle_hold(settled, "commit"))
    market.clock.pass_by(2 * 86_400)
    await market.run("forget_holds")

    assert kept.state == "committed"
    assert code(await market.settle_hold(settled, "commit")) == (404, "hold_missing")
    assert held(await market.settle_hold(staying, "release")).state == "released"


async def test_restocked_units_come_back_once(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    hold_id, _ = await market.hold({"MUG-BLUE": 4})
    await market.settle_hold(hold_id, "commit")
    wanted = {"restock_id": uuid7(), "lines": [{"sku": "MUG-BLUE", "quantity": 3}]}

    await market.ask("POST", "/internal/v1/restocks", wanted, as_="orders")
    again = await market.ask("POST", "/internal/v1/restocks", wanted, as_="orders")

    assert again.status == 200
    assert await market.level("MUG-BLUE") == (9, 0, 3)


async def test_a_restock_of_an_unknown_sku_changes_nothing(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    lines = [{"sku": "MUG-BLUE", "quantity": 3}, {"sku": "NOTHING", "quantity": 1}]

    refused = await market.ask("POST", "/internal/v1/restocks", {"restock_id": uuid7(), "lines": lines}, as_="orders")

    assert code(refused) == (404, "variant_missing")
    assert await market.level("MUG-BLUE") == (10, 0, 1)


async def test_running_out_and_coming_back_is_told_and_shown(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE", on_hand=2)
    await market.settle()

    hold_id, _ = await market.hold({"MUG-BLUE": 2})
    sold_out = (await market.ask("GET", "/api/v1/items")).json()
    gone = await market.settle()
    await market.settle_hold(hold_id, "release")
    stocked = (await market.ask("GET", "/api/v1/items")).json()
    back = await market.settle()

    assert [message.kind for message in gone] == [StockRanOut.kind]
    assert msgspec.json.decode(gone[0].payload, type=StockRanOut) == StockRanOut(item_id=item.id, sku="MUG-BLUE")
    assert [message.kind for message in back] == [StockReturned.kind]
    assert in_stock(sold_out) == [False]
    assert in_stock(stocked) == [True]


async def test_an_item_is_in_stock_while_any_variant_is(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE", on_hand=1)
    await market.add_variant(item, "MUG-RED", on_hand=1)

    await market.hold({"MUG-BLUE": 1})
    one_left = (await market.ask("GET", "/api/v1/items")).json()
    await market.hold({"MUG-RED": 1})
    none_left = (await market.ask("GET", "/api/v1/items")).json()

    assert (in_stock(one_left), in_stock(none_left)) == ([True], [False])


async def test_quotes_come_in_the_order_asked_for_without_what_is_not_on_sale(market: Market) -> None:
    skus = [f"SKU-{number}" for number in range(10)]
    for sku in skus:
        await market.sell(sku, sku, on_hand=1)
    wanted = ["NOTHING", *reversed(skus), skus[0]]

    answer = await market.ask("POST", "/internal/v1/quotes", RequestQuotes(skus=wanted), as_="orders")

    assert [quote.offer.sku for quote in read(answer, Quotes).quotes] == list(reversed(skus))


async def test_only_orders_may_hold(market: Market) -> None:
    wanted = {"hold_id": uuid7(), "lines": [], "expires_at": market.clock()}

    for who in ("visitor", "buyer", "seller", "staff"):
        refused = await market.ask("POST", "/internal/v1/holds", wanted, as_=who)
        assert code(refused) == (403, "denied")


def in_stock(page: dict[str, object]) -> list[object]:
    items = page["items"]
    assert isinstance(items, list)
    return [item["in_stock"] for item in items]
