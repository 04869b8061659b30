import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from services.sandbox.clients import TIMEOUT_S
from services.sandbox.domain.webhooks import RETRY_AFTER_S, SIGNATURE_HEADER, sign
from services.sandbox.store.deliveries import LEASE
from tests.sandbox.provider import WEBHOOK_SECRET, SandboxLab, sandbox_lab


async def test_the_shop_hears_of_every_change_with_the_charge_as_it_was(lab: SandboxLab) -> None:
    charge_id = await lab.captured(minor=1000)
    await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 400}, key="r-1")

    await lab.run("deliver")

    assert sorted(map(str, lab.shop.heard())) == ["charge.authorized", "charge.captured", "refund.succeeded"]
    assert len({news["id"] for news in lab.shop.news}) == 3
    states = {news["type"]: news["charge"] for news in lab.shop.news}
    captured = states["charge.captured"]
    assert isinstance(captured, dict)
    assert (captured["captured_minor"], captured["refunded_minor"], captured["version"]) == (1000, 0, 2)


async def test_each_try_is_signed_for_its_own_time(lab: SandboxLab) -> None:
    await lab.authorize("k-1")
    lab.shop.answers = [500, 204]

    await lab.run("deliver")
    first_at = lab.clock.now
    lab.clock.turn(seconds=2)
    await lab.run("deliver")

    signatures = [dict(call.headers)[SIGNATURE_HEADER.encode()].decode() for call in lab.shop.calls]
    body = lab.shop.calls[0].body
    assert signatures == [
        sign(body, secret=WEBHOOK_SECRET, now=first_at),
        sign(body, secret=WEBHOOK_SECRET, now=first_at + timedelta(seconds=2)),
    ]
    assert lab.shop.calls[0].target == "/hooks/sandbox"


async def test_a_webhook_that_was_taken_is_not_sent_again(lab: SandboxLab) -> None:
    await lab.authorize("k-1")

    await lab.run("deliver")
    lab.clock.turn(seconds=100_000)
    await lab.run("deliver")

    assert len(lab.shop.calls) == 1
    assert (await lab.ask("GET", "/webhooks")).body == {"owed": 0, "delivered": 1, "given_up": 0}


@pytest.mark.parametrize("answer", [500, 404, 302, None])
async def test_a_webhook_that_was_not_taken_is_tried_again_later(lab: SandboxLab, answer: int | None) -> None:
    await lab.authorize("k-1")
    lab.shop.answers = [answer]

    await lab.run("deliver")
    await lab.run("deliver")
    tried_at_once = len(lab.shop.calls)
    lab.clock.turn(seconds=RETRY_AFTER_S[0])
    await lab.run("deliver")

    assert (tried_at_once, len(lab.shop.calls)) == (1, 2)
    assert lab.shop.calls[0].body == lab.shop.calls[1].body


async def test_a_webhook_nobody_takes_is_given_up_after_ten_tries(lab: SandboxLab) -> None:
    await lab.authorize("k-1")
    lab.shop.answers = [503] * 20

    for _ in range(15):
        await lab.run("deliver")
        lab.clock.turn(seconds=RETRY_AFTER_S[-1])

    assert len(lab.shop.calls) == 10
    assert (await lab.ask("GET", "/webhooks")).body == {"owed": 0, "delivered": 0, "given_up": 1}


async def test_a_webhook_whose_sender_died_is_sent_after_its_lease(database_url: str, tmp_path: Path) -> None:
    async with sandbox_lab(database_url, tmp_path) as dying:
        await dying.authorize("k-1")
        dying.shop.answers = [204]
        dying.shop.dies = True
        with pytest.raises(ConnectionAbortedError):
            await dying.run("deliver")

    async with sandbox_lab(database_url, tmp_path) as next_one:
        await next_one.run("deliver")
        too_early = len(next_one.shop.calls)
        next_one.clock.turn(seconds=LEASE.total_seconds())
        await next_one.run("deliver")

    assert (too_early, len(next_one.shop.calls)) == (0, 1)
    assert LEASE.total_seconds() > TIMEOUT_S


async def test_two_workers_at_once_send_each_webhook_once(lab: SandboxLab) -> None:
    for number in range(100):
        await lab.authorize(f"k-{number}")

    await asyncio.gather(*(lab.run("deliver") for _ in range(4)))

    assert len(lab.shop.calls) == len({str(news["id"]) for news in lab.shop.news}) == 100


async def test_a_doubled_webhook_has_the_same_event_id(lab: SandboxLab) -> None:
    await lab.ask("PUT", "/faults", {"duplicate_webhook": 1})
    await lab.authorize("k-1")

    await lab.run("deliver")

    assert len(lab.shop.calls) == 2
    assert lab.shop.calls[0].body == lab.shop.calls[1].body


async def test_a_late_webhook_waits(lab: SandboxLab) -> None:
    await lab.ask("PUT", "/faults", {"late_webhook": 1, "late_s": 30})
    await lab.authorize("k-1")

    await lab.run("deliver")
    early = len(lab.shop.calls)
    lab.clock.turn(seconds=30)
    await lab.run("deliver")

    assert (early, len(lab.shop.calls)) == (0, 1)


async def test_disordered_webhooks_overtake_each_other(lab: SandboxLab) -> None:
    await lab.ask("PUT", "/faults", {"disordered_webhook": 1, "disorder_s": 60, "seed": 4})
    for number in range(6):
        await lab.authorize(f"k-{number}")

    for _ in range(61):
        await lab.run("deliver")
        lab.clock.turn(seconds=1)

    heard = [str(news["id"]) for news in lab.shop.news]
    assert len(heard) == 6
    assert heard != sorted(heard)
