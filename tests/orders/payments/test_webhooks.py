"""News from every provider: believed only with its signature, and meaning the same whoever tells it."""

import pytest
from msgspec.structs import replace

from services.contracts.money import Money
from services.orders.payments.port import (
    Authorized,
    Capture,
    Captured,
    Declined,
    Disputed,
    Outcome,
    Refund,
    Refunded,
    RequiresAction,
    Void,
    Voided,
    WebhookMalformed,
    WebhookRefused,
)
from tests.orders.payments.desk import Desk, Webhook, purchase

pytestmark = pytest.mark.embedded


async def outcomes(desk: Desk) -> list[Outcome | Disputed | None]:
    return [desk.provider.parse_webhook(each.headers, each.body).outcome for each in await desk.news()]


async def one_webhook(desk: Desk) -> Webhook:
    await desk.provider.authorize(purchase(desk, "a-1"))
    [webhook] = await desk.news()
    return webhook


async def test_an_authorisation_is_told_with_its_key_and_reference(desk: Desk) -> None:
    outcome = await desk.provider.authorize(purchase(desk, "a-1", reference="g-7"))
    [webhook] = await desk.news()

    event = desk.provider.parse_webhook(webhook.headers, webhook.body)

    assert (event.outcome, event.key, event.reference) == (outcome, "a-1", "g-7")
    assert abs((event.occurred_at - desk.now()).total_seconds()) < 60


async def test_a_charge_is_told_from_reserved_to_refunded(desk: Desk) -> None:
    charge = await desk.provider.authorize(purchase(desk, "a-1"))
    assert isinstance(charge, Authorized)
    part, rest = Money(minor=800, currency="EUR"), Money(minor=300, currency="EUR")
    captured = await desk.provider.capture(Capture(key="c-1", charge_id=charge.charge_id, amount=part))
    refunded = await desk.provider.refund(Refund(key="r-1", charge_id=charge.charge_id, amount=rest))

    events = [desk.provider.parse_webhook(each.headers, each.body) for each in await desk.news()]

    by_kind = {type(event.outcome): event for event in events}
    assert by_kind[Captured].outcome == captured
    assert by_kind[Refunded].outcome == refunded
    assert by_kind[Refunded].key == "r-1"
    assert len({event.event_id for event in events}) == len(events) == 3


async def test_a_decline_and_a_void_are_told(desk: Desk) -> None:
    declined = await desk.provider.authorize(purchase(desk, "a-1", method=desk.methods.declined))
    charge = await desk.provider.authorize(purchase(desk, "a-2"))
    assert isinstance(charge, Authorized)
    await desk.provider.void(Void(key="v-1", charge_id=charge.charge_id))

    told = await outcomes(desk)

    assert isinstance(declined, Declined)
    assert declined in told
    assert Voided(charge_id=charge.charge_id) in told


async def test_a_buyer_who_confirms_later_is_told(desk: Desk) -> None:
    waiting = await desk.provider.authorize(purchase(desk, "a-1", method=desk.methods.requires_action))
    assert isinstance(waiting, RequiresAction)
    await desk.confirm(waiting.charge_id)

    assert await outcomes(desk) == [waiting, Authorized(charge_id=waiting.charge_id)]


@pytest.mark.parametrize("kept", [True, False])
async def test_a_dispute_is_told_when_it_opens_and_when_it_is_decided(desk: Desk, *, kept: bool) -> None:
    charge = await desk.provider.authorize(purchase(desk, "a-1"))
    assert isinstance(charge, Authorized)
    money = Money(minor=1000, currency="EUR")
    await desk.provider.capture(Capture(key="c-1", charge_id=charge.charge_id, amount=money))

    dispute_id = await desk.dispute(charge.charge_id, 1000)
    await desk.decide(dispute_id, kept=kept)

    told = [outcome for outcome in await outcomes(desk) if isinstance(outcome, Disputed)]
    opened = Disputed(charge_id=charge.charge_id, dispute_id=dispute_id, amount=money, reason="fraudulent")
    assert sorted(told, key=lambda one: one.kept is not None) == [opened, replace(opened, kept=kept)]


async def test_a_webhook_that_is_sent_again_is_the_same_event(desk: Desk) -> None:
    webhook = await one_webhook(desk)
    later = desk.sign(webhook.body, age_s=20)

    first = desk.provider.parse_webhook(webhook.headers, webhook.body)
    second = desk.provider.parse_webhook(later.headers, later.body)

    assert first == second


async def test_a_body_that_was_changed_is_refused(desk: Desk) -> None:
    webhook = await one_webhook(desk)

    with pytest.raises(WebhookRefused):
        desk.provider.parse_webhook(webhook.headers, webhook.body.replace(b"1000", b"9000"))


async def test_another_secret_is_refused(desk: Desk) -> None:
    webhook = desk.sign((await one_webhook(desk)).body, secret="somebody else's secret")

    with pytest.raises(WebhookRefused):
        desk.provider.parse_webhook(webhook.headers, webhook.body)


async def test_a_recorded_webhook_is_refused_after_five_minutes(desk: Desk) -> None:
    body = (await one_webhook(desk)).body
    fresh, stale = desk.sign(body, age_s=290), desk.sign(body, age_s=310)

    desk.provider.parse_webhook(fresh.headers, fresh.body)
    with pytest.raises(WebhookRefused):
        desk.provider.parse_webhook(stale.headers, stale.body)


@pytest.mark.parametrize(
    "signature",
    ["", "t=,v1=", "v1=abc", "t=12", "t=now,v1=abc", "t=1,t=2,v1=a", "t=1,v1=ü", "t=²,v1=a", "=", ",,,", "t=-1,v1=a"],
)
async def test_a_signature_that_cannot_be_read_is_refused(desk: Desk, signature: str) -> None:
    webhook = await one_webhook(desk)
    [name] = webhook.headers

    with pytest.raises(WebhookRefused):
        desk.provider.parse_webhook({name: signature}, webhook.body)


async def test_a_webhook_without_a_signature_is_refused(desk: Desk) -> None:
    webhook = await one_webhook(desk)

    with pytest.raises(WebhookRefused):
        desk.provider.parse_webhook({"stripe-signature-v2": "t=1"}, webhook.body)


async def test_bytes_that_are_no_text_are_refused(desk: Desk) -> None:
    webhook = await one_webhook(desk)

    with pytest.raises(WebhookRefused):
        desk.provider.parse_webhook(webhook.headers, b"\xff\xfe\x00")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"id": 1}', b'{"id": "evt_1", "type": "x"}', b"{"])
async def test_a_signed_body_that_is_no_event_is_malformed(desk: Desk, body: bytes) -> None:
    webhook = desk.sign(body)

    with pytest.raises(WebhookMalformed):
        desk.provider.parse_webhook(webhook.headers, webhook.body)


async def test_news_of_an_unknown_kind_concerns_nobody(desk: Desk) -> None:
    body = (await one_webhook(desk)).body
    for known in (b"payment_intent.amount_capturable_updated", b"charge.authorized"):
        body = body.replace(known, b"customer.born")
    webhook = desk.sign(body)

    event = desk.provider.parse_webhook(webhook.headers, webhook.body)

    assert event.outcome is None
    assert event.event_id
