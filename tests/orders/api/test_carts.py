import pytest

from tests.orders.api.customer import Customer, fill_cart
from tests.orders.market import ANNA, BEN, WEAVER, Market, offer

pytestmark = pytest.mark.embedded


@pytest.fixture
def anna(market: Market) -> Customer:
    return Customer(market.asker, ANNA, "buyer")


@pytest.fixture
def visitor(market: Market) -> Customer:
    return Customer(market.asker)


def _lines(answer: dict[str, object]) -> dict[str, int]:
    lines = answer["lines"]
    assert isinstance(lines, list)
    return {line["sku"]: line["quantity"] for line in lines}


async def test_a_cart_adds_duplicate_lines_up_and_quotes_them(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    lines = [{"sku": "MUG", "quantity": 2}, {"sku": "MUG", "quantity": 3}]

    made = await anna.post("/api/v1/carts", {"lines": lines})

    assert _lines(made.json()) == {"MUG": 5}
    assert made.json()["total"] == {"minor": 6000, "currency": "EUR"}
    assert made.json()["token"] is None


async def test_a_price_in_the_request_is_refused(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))

    made = await anna.post("/api/v1/carts", {"lines": [{"sku": "MUG", "quantity": 1, "unit_price": 1}]})

    assert (made.status, made.json()["code"]) == (400, "malformed")


async def test_a_visitors_cart_opens_with_its_token_alone(market: Market, visitor: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    made = (await visitor.post("/api/v1/carts", {"lines": [{"sku": "MUG", "quantity": 1}]})).json()
    target, token = f"/api/v1/carts/{made['id']}", str(made["token"])

    without = await visitor.get(target)
    wrong = await visitor.get(target, headers={"x-cart-token": token[::-1]})
    right = await visitor.get(target, headers={"x-cart-token": token})

    assert (without.status, wrong.status, right.status) == (404, 404, 200)
    assert right.json()["token"] is None


async def test_lines_are_set_and_dropped(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))
    target = f"/api/v1/carts/{await fill_cart(anna, MUG=1)}"

    added = await anna.put(f"{target}/lines/RUG", {"quantity": 2})
    changed = await anna.put(f"{target}/lines/MUG", {"quantity": 4})
    dropped = await anna.delete(f"{target}/lines/RUG")
    again = await anna.delete(f"{target}/lines/RUG")

    assert _lines(added.json()) == {"MUG": 1, "RUG": 2}
    assert _lines(changed.json()) == {"MUG": 4, "RUG": 2}
    assert _lines(dropped.json()) == {"MUG": 4}
    assert (again.status, again.json()["code"]) == (404, "cart_line_missing")


async def test_a_cart_that_was_thrown_away_is_gone(market: Market, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    target = f"/api/v1/carts/{await fill_cart(anna, MUG=1)}"

    thrown = await anna.delete(target)

    assert thrown.status == 204
    assert (await anna.get(target)).status == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("MUG", {"quantity": 0}, 400),
        ("MUG", {"quantity": 1000}, 400),
        ("MUG", {"quantity": "many"}, 400),
        ("MUG", {"quantity": 1, "price": 1}, 400),
        ("mug", {"quantity": 1}, 400),
        ("GONE", {"quantity": 1}, 409),
        ("YEN", {"quantity": 1}, 409),
    ],
)
async def test_a_line_that_cannot_be_is_refused(
    market: Market, anna: Customer, path: str, body: dict[str, object], status: int
) -> None:
    await market.sell(offer("MUG", 1200), offer("YEN", 900, currency="JPY"))
    target = f"/api/v1/carts/{await fill_cart(anna, MUG=1)}"

    answer = await anna.put(f"{target}/lines/{path}", body)

    assert answer.status == status, answer.body
    assert _lines((await anna.get(target)).json()) == {"MUG": 1}


async def test_a_quote_holds_for_an_hour_and_is_renewed_when_the_cart_is_looked_at(
    market: Market, anna: Customer
) -> None:
    await market.sell(offer("MUG", 1200))
    target = f"/api/v1/carts/{await fill_cart(anna, MUG=1)}"
    await market.reprice(offer("MUG", 1300))

    market.clock.advance(3599)
    kept = await anna.get(target)
    market.clock.advance(1)
    renewed = await anna.get(target)

    assert kept.json()["total"] == {"minor": 1200, "currency": "EUR"}
    assert renewed.json()["total"] == {"minor": 1300, "currency": "EUR"}


async def test_a_visitors_cart_becomes_the_users_at_login(market: Market, visitor: Customer, anna: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    made = (await visitor.post("/api/v1/carts", {"lines": [{"sku": "MUG", "quantity": 1}]})).json()

    merged = await anna.post(f"/api/v1/carts/{made['id']}/merge", headers={"x-cart-token": str(made["token"])})
    mine = await anna.get("/api/v1/carts/mine")
    again = await visitor.get(f"/api/v1/carts/{made['id']}", headers={"x-cart-token": str(made["token"])})

    assert merged.status == 200
    assert mine.json()["id"] == made["id"]
    assert again.status == 404


async def test_a_visitors_lines_are_added_to_the_cart_the_user_has(
    market: Market, visitor: Customer, anna: Customer
) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))
    own = await fill_cart(anna, MUG=2)
    made = await visitor.post(
        "/api/v1/carts", {"lines": [{"sku": "MUG", "quantity": 1}, {"sku": "RUG", "quantity": 1}]}
    )
    token = str(made.json()["token"])

    merged = await anna.post(f"/api/v1/carts/{made.json()['id']}/merge", headers={"x-cart-token": token})

    assert merged.json()["id"] == own
    assert _lines(merged.json()) == {"MUG": 3, "RUG": 1}


async def test_a_users_cart_is_nobody_elses(market: Market, anna: Customer, visitor: Customer) -> None:
    await market.sell(offer("MUG", 1200))
    target = f"/api/v1/carts/{await fill_cart(anna, MUG=1)}"
    ben = Customer(market.asker, BEN, "buyer")

    answers = [
        await ben.get(target),
        await visitor.get(target),
        await ben.put(f"{target}/lines/MUG", {"quantity": 9}),
        await ben.delete(target),
        await ben.post(f"{target}/merge"),
    ]

    assert [(answer.status, answer.json()["code"]) for answer in answers] == [(404, "cart_missing")] * 5


async def test_an_item_that_is_not_copied_yet_is_asked_of_items(market: Market, anna: Customer) -> None:
    market.items.stock(offer("NEW", 700), 1)

    made = await anna.post("/api/v1/carts", {"lines": [{"sku": "NEW", "quantity": 1}]})

    assert made.json()["total"] == {"minor": 700, "currency": "EUR"}
