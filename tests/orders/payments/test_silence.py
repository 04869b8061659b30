"""An ask whose answer never came: what is known of it, and how it is brought to an end without doing it twice."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.contracts.money import Money
from services.orders.payments.port import (
    Ask,
    Authorized,
    Capture,
    Outcome,
    ProviderFailed,
    ProviderTimeout,
    Refund,
    Refunded,
    Void,
)
from tests.orders.payments.asking import send
from tests.orders.payments.desk import HASTY_S, Books, Desk, Mood, purchase

pytestmark = pytest.mark.embedded

EUR_10 = Money(minor=1000, currency="EUR")


async def an_authorization(desk: Desk) -> Ask:
    return purchase(desk, "a-1")


async def a_capture(desk: Desk) -> Ask:
    outcome = await desk.provider.authorize(purchase(desk, "a-1"))
    assert isinstance(outcome, Authorized)
    return Capture(key="c-1", charge_id=outcome.charge_id, amount=EUR_10)


async def a_void(desk: Desk) -> Ask:
    outcome = await desk.provider.authorize(purchase(desk, "a-1"))
    assert isinstance(outcome, Authorized)
    return Void(key="v-1", charge_id=outcome.charge_id)


async def a_refund(desk: Desk) -> Ask:
    capture = await a_capture(desk)
    assert isinstance(capture, Capture)
    await desk.provider.capture(capture)
    return Refund(key="r-1", charge_id=capture.charge_id, amount=EUR_10)


async def found_soon(desk: Desk, ask: Ask) -> Outcome:
    """The caller gave up first, so the effect may still be on its way."""
    async with asyncio.timeout(5):
        while True:
            found = await desk.provider.find(ask)
            if found is not None:
                return found
            await asyncio.sleep(0.02)


every_ask = pytest.mark.parametrize("make", [an_authorization, a_capture, a_void, a_refund])
Make = Callable[[Desk], Awaitable[Ask]]


@every_ask
@pytest.mark.parametrize(("mood", "failure"), [("hangs_after", ProviderTimeout), ("fails_after", ProviderFailed)])
async def test_an_ask_that_took_effect_unheard_is_found(
    desk: Desk, make: Make, mood: Mood, failure: type[ProviderFailed]
) -> None:
    ask = await make(desk)
    await desk.be(mood)

    with pytest.raises(failure) as failed:
        await send(desk.hasty, ask)
    await desk.be("well")
    found = await found_soon(desk, ask)

    assert failed.value.maybe_applied
    assert found == await send(desk.provider, ask)


@every_ask
@pytest.mark.parametrize(("mood", "failure"), [("hangs_before", ProviderTimeout), ("fails_before", ProviderFailed)])
async def test_an_ask_that_never_arrived_is_not_found_and_can_be_sent_again(
    desk: Desk, make: Make, mood: Mood, failure: type[ProviderFailed]
) -> None:
    ask = await make(desk)
    await desk.be(mood)

    with pytest.raises(failure) as failed:
        await send(desk.hasty, ask)
    await desk.be("well")
    found = await desk.provider.find(ask)
    again = await send(desk.provider, ask)

    assert failed.value.maybe_applied
    assert found is None
    assert await desk.provider.find(ask) == again


async def test_a_provider_that_does_not_answer_is_given_up_in_time_and_holds_nobody_else_up(desk: Desk) -> None:
    await desk.be("hangs_before")
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.01)

    beating = asyncio.create_task(beat())
    with pytest.raises(ProviderTimeout):
        await desk.hasty.authorize(purchase(desk, "a-1"))
    beating.cancel()

    assert beats > HASTY_S / 0.01 / 4


async def test_asks_and_repeats_amid_failures_move_each_amount_once(desk: Desk) -> None:
    moods: list[Mood] = ["fails_before", "fails_after", "fails_after", "well", "fails_before", "well"]
    charged = 0

    for number in range(12):
        ask = purchase(desk, f"a-{number}", minor=100 + number)
        charge = await stubborn(desk, ask, moods[number % 3 :])
        assert isinstance(charge, Authorized)
        money = ask.amount
        await stubborn(desk, Capture(key=f"c-{number}", charge_id=charge.charge_id, amount=money), moods[number % 4 :])
        charged += money.minor
        if number % 3 == 0:
            refund = Refund(key=f"r-{number}", charge_id=charge.charge_id, amount=money)
            assert isinstance(await stubborn(desk, refund, moods), Refunded)
            charged -= money.minor

    books = await desk.books("g-1")
    assert books.captured_minor - books.refunded_minor == charged
    assert books == Books(charges=12, captured_minor=sum(range(100, 112)), refunded_minor=100 + 103 + 106 + 109)


async def stubborn(desk: Desk, ask: Ask, moods: list[Mood]) -> Outcome:
    """As the provider's mood changes from try to try, and is well whenever it is asked what became of the ask."""
    for mood in moods:
        await desk.be(mood)
        try:
            return await send(desk.provider, ask)
        except ProviderFailed:
            await desk.be("well")
            found = await desk.provider.find(ask)
            if found is not None:
                return found
    raise AssertionError("the moods did not end well")
