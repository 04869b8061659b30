import msgspec
import pytest

from services.orders.payments.port import ProviderEvent
from tests.orders.api.customer import Customer, buy
from tests.orders.fake_provider import GOOD, SIGNATURE
from tests.orders.market import ANNA, Market, offer

pytestmark = pytest.mark.embedded


async def _tell(market: Market, event: object, *, provider: str = "fake", signature: str = GOOD) -> tuple[int, str]:
    body = event if isinstance(event, bytes) else msgspec.json.encode(event)
    token = market.asker.identity(body=body)
    target = f"/api/v1/payments/webhooks/{provider}"
    answer = await market.asker.ask("POST", target, body, token=token, headers={SIGNATURE: signature})
    return answer.status, "" if answer.status == 204 else str(answer.json()["code"])


async def test_a_webhook_that_is_proven_drives_the_checkout_on(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    placed = await buy(Customer(market.asker, ANNA, "buyer"), MUG=1, method="tok_action")

    told = await _tell(market, market.provider.approve(market.provider.reserved[0]))
    await market.work()
    followed = await Customer(market.asker, ANNA, "buyer").get(f"/api/v1/checkouts/{placed.json()['id']}")

    assert told == (204, "")
    assert followed.json()["state"] == "confirmed"


async def test_a_webhook_that_is_not_proven_is_refused(market: Market) -> None:
    event = ProviderEvent(event_id="ev", occurred_at=market.clock(), outcome=None)

    assert await _tell(market, event, signature="forged") == (401, "webhook_refused")


async def test_news_of_nothing_we_know_is_acknowledged(market: Market) -> None:
    event = ProviderEvent(event_id="ev", occurred_at=market.clock(), outcome=None, key="somebody else's")

    assert await _tell(market, event) == (204, "")


async def test_what_is_no_event_is_refused(market: Market) -> None:
    assert await _tell(market, b"[1, 2") == (400, "webhook_malformed")


async def test_a_provider_nobody_deals_with_is_not_found(market: Market) -> None:
    event = ProviderEvent(event_id="ev", occurred_at=market.clock(), outcome=None)

    assert await _tell(market, event, provider="paypal") == (404, "provider_unknown")
