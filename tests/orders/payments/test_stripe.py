"""What is Stripe's alone: search by metadata, statuses, and one request an ask."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from services.contracts.money import Money
from services.orders.payments.port import (
    Authorized,
    Declined,
    Outcome,
    ProviderFailed,
    ProviderTimeout,
    Refund,
    RefundFailed,
    RefundPending,
    RequiresAction,
)
from services.orders.payments.stripe import CLOCK_SKEW_S
from services.orders.payments.stripe_told import ErrorTold, read_event, to_reason
from services.orders.payments.stripe_transport import StripeTransport
from tests.orders.payments.desk import purchase
from tests.orders.payments.desks import StripeDesk, stripe_desk


@pytest.fixture
async def desk() -> AsyncIterator[StripeDesk]:
    async with stripe_desk() as desk:
        yield desk


@pytest.mark.embedded
async def test_an_ask_is_found_behind_more_than_a_page_of_others(desk: StripeDesk) -> None:
    ask = purchase(desk, "first")
    outcome = await desk.provider.authorize(ask)
    made = next(iter(desk.fake.intents.values()))
    for number in range(250):
        other = replace(made, id=f"pi_other_{number:03}", metadata={"souk_key": f"other-{number}"})
        desk.fake.intents[other.id] = other

    assert await desk.provider.find(ask) == outcome


@pytest.mark.embedded
async def test_the_search_does_not_look_further_back_than_the_ask(desk: StripeDesk) -> None:
    ask = purchase(desk, "a-1")
    await desk.provider.authorize(ask)

    asked_later = replace(ask, asked_at=ask.asked_at + timedelta(seconds=CLOCK_SKEW_S + 5))

    assert await desk.provider.find(asked_later) is None


@pytest.mark.embedded
async def test_a_refund_is_found_among_others_of_its_charge(desk: StripeDesk) -> None:
    charge = await desk.provider.authorize(purchase(desk, "a-1"))
    assert isinstance(charge, Authorized)
    desk.fake.intents[charge.charge_id].status = "succeeded"
    desk.fake.intents[charge.charge_id].amount_received = 1000
    asks = [
        Refund(key=f"r-{minor}", charge_id=charge.charge_id, amount=Money(minor=minor, currency="EUR"))
        for minor in range(1, 5)
    ]
    refunds = [await desk.provider.refund(ask) for ask in asks]

    assert [await desk.provider.find(ask) for ask in asks] == refunds


@pytest.mark.embedded
async def test_the_buyer_is_sent_to_the_bank(desk: StripeDesk) -> None:
    outcome = await desk.provider.authorize(purchase(desk, "a-1", method=desk.methods.requires_action))

    assert isinstance(outcome, RequiresAction)
    assert outcome.action_url == f"https://bank.example/{outcome.charge_id}"


@pytest.mark.embedded
async def test_a_failed_ask_is_not_repeated_by_the_library(desk: StripeDesk) -> None:
    await desk.be("fails_before")

    with pytest.raises(ProviderFailed):
        await desk.provider.authorize(purchase(desk, "a-1"))

    assert desk.fake.requests == 1


@pytest.mark.embedded
async def test_an_answer_that_trickles_is_given_up_in_time() -> None:
    gone = asyncio.Event()

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(40):
            if reader.at_eof():
                break
            writer.write(b" ")
            await asyncio.sleep(0.05)
        writer.close()
        gone.set()

    async with await asyncio.start_server(trickle, "127.0.0.1", 0) as server:
        transport = StripeTransport(timeout_s=0.3)
        port = server.sockets[0].getsockname()[1]
        began = asyncio.get_running_loop().time()
        with pytest.raises(ProviderTimeout) as failed:
            await transport.request_async("GET", f"http://127.0.0.1:{port}/", {})
        took_s = asyncio.get_running_loop().time() - began
        await transport.aclose()
        await gone.wait()

    assert failed.value.maybe_applied
    assert took_s < 1


@pytest.mark.parametrize(
    ("status", "outcome"), [("pending", RefundPending), ("requires_action", RefundPending), ("canceled", RefundFailed)]
)
def test_a_refund_that_is_not_done_is_told_as_such(status: str, outcome: type[RefundPending | RefundFailed]) -> None:
    event = read_event(
        webhook(
            "refund.updated",
            {"id": "re_1", "amount": 5, "currency": "eur", "payment_intent": "pi_1", "status": status},
        )
    )

    assert event.outcome == outcome(charge_id="pi_1", refund_id="re_1", amount=Money(minor=5, currency="EUR"))
    assert event.key is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("processing", RequiresAction(charge_id="pi_1", action_url=None)),
        ("requires_payment_method", Declined(charge_id="pi_1", reason="declined")),
        ("requires_divination", None),
    ],
)
def test_a_status_that_we_do_not_know_concerns_nobody(status: str, expected: Outcome | None) -> None:
    intent = {"id": "pi_1", "status": status, "currency": "eur", "metadata": {"souk_key": "a-1"}}

    event = read_event(webhook("payment_intent.payment_failed", intent))

    assert (event.outcome, event.key) == (expected, "a-1")


@pytest.mark.parametrize(
    ("code", "decline_code", "reason"),
    [
        ("card_declined", "insufficient_funds", "insufficient_funds"),
        ("card_declined", "do_not_honor", "declined"),
        ("expired_card", "expired_card", "expired_method"),
        ("authentication_required", None, "authentication_failed"),
        ("card_declined", "authentication_required", "authentication_failed"),
        (None, None, "declined"),
    ],
)
def test_stripes_reasons_become_ours(code: str | None, decline_code: str | None, reason: str) -> None:
    assert to_reason(ErrorTold(code=code, decline_code=decline_code)) == reason


def webhook(kind: str, subject: Mapping[str, object]) -> bytes:
    return msgspec.json.encode({"id": "evt_1", "type": kind, "created": 1_900_000_000, "data": {"object": subject}})
