from tests.items.market import Market, code


async def test_a_seller_counts_the_shelf(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    count = {"on_hand": 25, "version": 1}

    counted = await market.ask("PUT", "/api/v1/seller/stock/MUG-BLUE", count, as_="seller")

    assert counted.status == 200
    assert await market.level("MUG-BLUE") == (25, 0, 2)


async def test_a_count_never_goes_below_what_is_reserved(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    await market.hold({"MUG-BLUE": 4})

    refused = await market.ask("PUT", "/api/v1/seller/stock/MUG-BLUE", {"on_hand": 3, "version": 1}, as_="seller")

    assert code(refused) == (409, "stock_below_reserved")
    assert refused.json()["reserved"] == 4


async def test_a_count_from_before_a_sale_is_refused(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    hold_id, _ = await market.hold({"MUG-BLUE": 4})
    await market.settle_hold(hold_id, "commit")

    refused = await market.ask("PUT", "/api/v1/seller/stock/MUG-BLUE", {"on_hand": 10, "version": 1}, as_="seller")

    assert code(refused) == (409, "stale_version")
    assert await market.level("MUG-BLUE") == (6, 0, 2)


async def test_a_hold_is_no_reason_to_count_again(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    await market.hold({"MUG-BLUE": 4})

    counted = await market.ask("PUT", "/api/v1/seller/stock/MUG-BLUE", {"on_hand": 12, "version": 1}, as_="seller")

    assert counted.status == 200
    assert await market.level("MUG-BLUE") == (12, 4, 2)


async def test_somebody_elses_stock_is_not_there(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", on_hand=10)
    count = {"on_hand": 0, "version": 1}

    assert code(await market.ask("PUT", "/api/v1/seller/stock/MUG-BLUE", count, as_="other seller")) == (
        404,
        "variant_missing",
    )
    assert code(await market.ask("GET", "/api/v1/seller/stock/MUG-BLUE", as_="other seller")) == (
        404,
        "variant_missing",
    )


async def test_ones_stock_is_listed_by_sku(market: Market) -> None:
    for sku in ("C-1", "A-1", "B-1"):
        await market.sell(sku, sku)
    await market.sell("Theirs", "D-1", as_="other seller")

    first = (await market.ask("GET", "/api/v1/seller/stock?limit=2", as_="seller")).json()
    rest = (await market.ask("GET", f"/api/v1/seller/stock?limit=2&cursor={first['next']}", as_="seller")).json()

    assert (skus(first), skus(rest), rest["next"]) == (["A-1", "B-1"], ["C-1"], None)


def skus(page: dict[str, object]) -> list[str]:
    items = page["items"]
    assert isinstance(items, list)
    return [item["sku"] for item in items]
