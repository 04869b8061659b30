"""One idempotency key, many at once."""

import asyncio

from tests.orders.api.customer import Customer, checkout_of, fill_cart
from tests.orders.market import ANNA, Market, offer


async def test_fifty_at_once_with_one_key_buy_once(market: Market) -> None:
    anna = Customer(market.asker, ANNA, "buyer")
    await market.sell(offer("MUG", 1200))
    cart_id = await fill_cart(anna, MUG=1)

    answers = await asyncio.gather(
        *(anna.post("/api/v1/checkouts", checkout_of(cart_id), key="once") for _ in range(50))
    )

    assert {answer.status for answer in answers} <= {201, 409}
    bodies = {answer.body for answer in answers if answer.status == 201}
    assert len(bodies) == 1
    assert {answer.json()["code"] for answer in answers if answer.status == 409} <= {"idempotency_key_in_flight"}
    assert len(market.provider.charges) == 1
    assert market.items.sold["MUG"] == 1
