"""What every payment provider does, whichever company it is."""

import asyncio

import pytest
from msgspec.structs import replace

from services.contracts.money import Money
from services.orders.payments.port import (
    Authorized,
    Capture,
    Captured,
    Declined,
    DeclineReason,
    KeyReused,
    ProviderFailed,
    ProviderRefused,
    Refund,
    Refunded,
    RequiresAction,
    Void,
    Voided,
)
from tests.orders.payments.desk import Books, Desk, purchase

pytestmark = pytest.mark.embedded


def eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


async def reserved(desk: Desk, key: str = "a-1", *, minor: int = 1000) -> str:
    """The id of an authorised charge."""
    outcome = await desk.provider.authorize(purchase(desk, key, minor=minor))
    assert isinstance(outcome, Authorized)
    return outcome.charge_id


async def taken(desk: Desk, key: str = "a-1", *, minor: int = 1000) -> str:
    """The id of a captured charge."""
    charge_id = await reserved(desk, key, minor=minor)
    await desk.provider.capture(Capture(key=f"{key}-c", charge_id=charge_id, amount=eur(minor)))
    return charge_id


async def test_a_good_method_is_authorised_and_nothing_is_taken_yet(desk: Desk) -> None:
    outcome = await desk.provider.authorize(purchase(desk, "a-1"))

    assert isinstance(outcome, Authorized)
    assert await desk.books("g-1") == Books(charges=1, captured_minor=0, refunded_minor=0)


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("declined", "declined"),
        ("insufficient_funds", "insufficient_funds"),
        ("expired", "expired_method"),
        ("unknown", "unknown_method"),
    ],
)
async def test_a_bad_method_is_declined_with_its_reason(desk: Desk, method: str, reason: DeclineReason) -> None:
    outcome = await desk.provider.authorize(purchase(desk, "a-1", method=getattr(desk.methods, method)))

    assert isinstance(outcome, Declined)
    assert outcome.reason == reason


async def test_a_capture_takes_what_it_says(desk: Desk) -> None:
    charge_id = await reserved(desk)

    outcome = await desk.provider.capture(Capture(key="c-1", charge_id=charge_id, amount=eur(700)))

    assert outcome == Captured(charge_id=charge_id, amount=eur(700))
    assert (await desk.books("g-1")).captured_minor == 700


async def test_a_second_capture_is_refused(desk: Desk) -> None:
    charge_id = await taken(desk)

    with pytest.raises(ProviderRefused):
        await desk.provider.capture(Capture(key="c-2", charge_id=charge_id, amount=eur(1)))
    assert (await desk.books("g-1")).captured_minor == 1000


async def test_more_than_was_authorised_cannot_be_captured(desk: Desk) -> None:
    charge_id = await reserved(desk)

    with pytest.raises(ProviderRefused):
        await desk.provider.capture(Capture(key="c-1", charge_id=charge_id, amount=eur(1001)))


async def test_a_void_charge_cannot_be_captured(desk: Desk) -> None:
    charge_id = await reserved(desk)

    outcome = await desk.provider.void(Void(key="v-1", charge_id=charge_id))

    assert outcome == Voided(charge_id=charge_id)
    with pytest.raises(ProviderRefused):
        await desk.provider.capture(Capture(key="c-1", charge_id=charge_id, amount=eur(1000)))


async def test_refunds_give_back_at_most_what_was_taken(desk: Desk) -> None:
    charge_id = await taken(desk)

    outcome = await desk.provider.refund(Refund(key="r-1", charge_id=charge_id, amount=eur(600)))

    assert isinstance(outcome, Refunded)
    assert (outcome.charge_id, outcome.amount) == (charge_id, eur(600))
    with pytest.raises(ProviderRefused):
        await desk.provider.refund(Refund(key="r-2", charge_id=charge_id, amount=eur(401)))
    assert (await desk.books("g-1")).refunded_minor == 600


async def test_a_charge_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(ProviderRefused):
        await desk.provider.capture(Capture(key="c-1", charge_id="../nothing?x=1", amount=eur(1)))


async def test_the_same_ask_again_has_the_same_outcome_and_one_effect(desk: Desk) -> None:
    ask = purchase(desk, "a-1")
    outcomes = [await desk.provider.authorize(ask) for _ in range(3)]
    assert isinstance(outcomes[0], Authorized)
    capture = Capture(key="c-1", charge_id=outcomes[0].charge_id, amount=eur(1000))
    refund = Refund(key="r-1", charge_id=outcomes[0].charge_id, amount=eur(250))

    captures = [await desk.provider.capture(capture) for _ in range(3)]
    refunds = [await desk.provider.refund(refund) for _ in range(3)]

    assert outcomes == outcomes[:1] * 3
    assert captures == captures[:1] * 3
    assert refunds == refunds[:1] * 3
    assert await desk.books("g-1") == Books(charges=1, captured_minor=1000, refunded_minor=250)


async def test_a_declined_ask_stays_declined(desk: Desk) -> None:
    ask = purchase(desk, "a-1", method=desk.methods.declined)

    outcomes = [await desk.provider.authorize(ask) for _ in range(2)]

    assert outcomes[0] == outcomes[1]
    assert (await desk.books("g-1")).charges == 1


async def test_a_key_cannot_be_used_for_another_ask(desk: Desk) -> None:
    await reserved(desk, "a-1")

    with pytest.raises(KeyReused):
        await desk.provider.authorize(purchase(desk, "a-1", minor=1001))
    assert (await desk.books("g-1")).charges == 1


async def test_one_key_twenty_times_at_once_makes_one_charge(desk: Desk) -> None:
    ask = purchase(desk, "a-1")

    answers = await asyncio.gather(*(desk.provider.authorize(ask) for _ in range(20)), return_exceptions=True)

    failures = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(failure, ProviderFailed) and failure.maybe_applied for failure in failures)
    assert len({answer.charge_id for answer in answers if isinstance(answer, Authorized)}) == 1
    assert (await desk.books("g-1")).charges == 1


async def test_a_buyer_who_must_confirm_is_waited_for(desk: Desk) -> None:
    ask = purchase(desk, "a-1", method=desk.methods.requires_action)

    outcome = await desk.provider.authorize(ask)
    waiting = await desk.provider.find(ask)
    assert isinstance(outcome, RequiresAction)
    await desk.confirm(outcome.charge_id)

    assert waiting == outcome
    assert await desk.provider.find(ask) == Authorized(charge_id=outcome.charge_id)


async def test_nothing_is_found_of_what_was_never_asked(desk: Desk) -> None:
    charge_id = await reserved(desk)
    money = eur(1000)

    found = [
        await desk.provider.find(purchase(desk, "a-2")),
        await desk.provider.find(Capture(key="c-1", charge_id=charge_id, amount=money)),
        await desk.provider.find(Void(key="v-1", charge_id=charge_id)),
        await desk.provider.find(Refund(key="r-1", charge_id=charge_id, amount=money)),
    ]

    assert found == [None] * 4


async def test_what_was_asked_is_found_as_it_stands_by_now(desk: Desk) -> None:
    ask, other = purchase(desk, "a-1"), purchase(desk, "a-2", reference="g-2")
    charge_id = await taken(desk, "a-1")
    refund = Refund(key="r-1", charge_id=charge_id, amount=eur(100))
    refunded = await desk.provider.refund(refund)
    voided = await desk.provider.authorize(other)
    assert isinstance(voided, Authorized)
    await desk.provider.void(Void(key="v-1", charge_id=voided.charge_id))

    assert await desk.provider.find(ask) == Authorized(charge_id=charge_id)
    assert await desk.provider.find(refund) == refunded
    assert await desk.provider.find(other) == Voided(charge_id=voided.charge_id)
    assert await desk.provider.find(Void(key="v-1", charge_id=voided.charge_id)) == Voided(charge_id=voided.charge_id)


async def test_a_declined_ask_is_found_declined(desk: Desk) -> None:
    ask = purchase(desk, "a-1", method=desk.methods.insufficient_funds)
    declined = await desk.provider.authorize(ask)

    assert await desk.provider.find(ask) == declined


async def test_a_wrong_api_key_surely_moves_no_money(desk: Desk) -> None:
    with pytest.raises(ProviderFailed) as failed:
        await desk.stranger.authorize(purchase(desk, "a-1"))

    assert not failed.value.maybe_applied
    assert (await desk.books("g-1")).charges == 0


async def test_a_provider_that_cannot_be_reached_surely_moved_no_money(desk: Desk) -> None:
    with pytest.raises(ProviderFailed) as failed:
        await desk.cut_off.authorize(purchase(desk, "a-1"))

    assert not failed.value.maybe_applied


async def test_an_ask_for_another_amount_is_not_the_same_ask(desk: Desk) -> None:
    charge_id = await taken(desk)
    refund = Refund(key="r-1", charge_id=charge_id, amount=eur(10))
    await desk.provider.refund(refund)

    with pytest.raises(KeyReused):
        await desk.provider.refund(replace(refund, amount=eur(11)))
    assert (await desk.books("g-1")).refunded_minor == 10
