"""A provider that times out, fails, declines, repeats and delays: two sets of books that agree all the same."""

import asyncio
from pathlib import Path

import pytest

from services.contracts.money import Money
from services.orders.payments.port import Authorized, Capture, Captured, Declined, Disputed, Outcome, Refund, Refunded
from services.orders.payments.sandbox import SandboxProvider
from tests.orders.payments.asking import persist
from tests.orders.payments.desk import purchase
from tests.orders.payments.desks import SandboxDesk
from tests.sandbox.provider import API_KEY, WEBHOOK_SECRET, SandboxLab, sandbox_lab

PURCHASES = 40
TIMEOUT_S = 0.5
AT_ONCE = 8
FAULTS = {
    "seed": 12,
    "timeout_before": 0.08,
    "timeout_after": 0.08,
    "error_before": 0.07,
    "error_after": 0.07,
    "decline": 0.1,
    "duplicate_webhook": 0.5,
    "late_webhook": 0.3,
    "disordered_webhook": 0.5,
    "hang_s": 2 * TIMEOUT_S,
}


@pytest.mark.embedded
async def test_no_amount_moves_twice_and_both_sides_know_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sandbox.db"
    async with sandbox_lab(url, tmp_path, sleep=asyncio.sleep) as lab:
        provider = SandboxProvider(
            lab.upstream,
            api_key=API_KEY,
            webhook_secret=WEBHOOK_SECRET,
            clock=lab.clock,
            timeout_s=TIMEOUT_S,
        )
        await lab.ask("PUT", "/faults", FAULTS)
        gate = asyncio.Semaphore(AT_ONCE)

        bought = await asyncio.gather(*(_buy(lab, provider, gate, number) for number in range(PURCHASES)))
        books = await lab.totals()
        heard = await _hear(lab, provider)

    known = [outcome for outcomes in bought for outcome in outcomes]
    captured = sum(outcome.amount.minor for outcome in known if isinstance(outcome, Captured))
    refunded = sum(outcome.amount.minor for outcome in known if isinstance(outcome, Refunded))
    assert (books["captured_minor"], books["refunded_minor"]) == (captured, refunded)
    assert books["charges"] == PURCHASES
    assert books["authorized_minor"] == 0
    assert any(isinstance(outcome, Declined) for outcome in known)
    assert sorted(map(str, heard)) == sorted(map(str, known))


async def _buy(lab: SandboxLab, provider: SandboxProvider, gate: asyncio.Semaphore, number: int) -> list[Outcome]:
    async with gate:
        ask = purchase(SandboxDesk(lab), f"a-{number}", minor=1000 + number)
        charge = await persist(provider, ask)
        if not isinstance(charge, Authorized):
            return [charge]
        capture = Capture(key=f"c-{number}", charge_id=charge.charge_id, amount=ask.amount)
        outcomes = [charge, await persist(provider, capture)]
        if number % 4 == 0:
            back = Money(minor=100 + number, currency="EUR")
            outcomes.append(await persist(provider, Refund(key=f"r-{number}", charge_id=charge.charge_id, amount=back)))
        return outcomes


async def _hear(lab: SandboxLab, provider: SandboxProvider) -> list[Outcome | Disputed | None]:
    """What the webhooks tell, each event once, after all of them have come."""
    for _ in range(8):
        await lab.run("deliver")
        lab.clock.turn(seconds=1)
    events: dict[str, Outcome | Disputed | None] = {}
    for call in lab.shop.calls:
        headers = {name.decode(): value.decode() for name, value in call.headers}
        event = provider.parse_webhook(headers, call.body)
        events[event.event_id] = event.outcome
    assert len(events) < len(lab.shop.calls)
    return list(events.values())
