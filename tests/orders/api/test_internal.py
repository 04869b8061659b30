import pytest

from tests.orders.api.customer import HOME, Customer, buy, fill_cart
from tests.orders.market import ANNA, BEN, Market, offer

pytestmark = pytest.mark.embedded


async def test_users_gets_everything_that_is_kept_of_a_person_and_of_nobody_else(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    anna, ben = (Customer(market.asker, user, "buyer") for user in (ANNA, BEN))
    await buy(anna, MUG=1)
    await buy(ben, MUG=2)
    await fill_cart(anna, MUG=3)
    token = market.asker.identity(caller="users")

    answer = await market.asker.ask("GET", f"/internal/v1/personal-data/orders/{ANNA}", token=token)

    held = answer.json()["held"]
    assert isinstance(held, dict)
    assert held["cart"]["lines"][0]["quantity"] == 3
    assert [purchase["address"] for purchase in held["purchases"]] == [{**HOME, "region": "", "street_2": ""}]


@pytest.mark.parametrize("caller", [None, "items"])
async def test_nobody_but_users_gets_it(market: Market, caller: str | None) -> None:
    token = market.asker.identity(user=ANNA, caller=caller)

    answer = await market.asker.ask("GET", f"/internal/v1/personal-data/orders/{ANNA}", token=token)

    assert answer.status == 403
