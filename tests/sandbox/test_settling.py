from services.sandbox.domain.charges import SETTLES_AFTER
from tests.sandbox.provider import SandboxLab

LONG_ENOUGH_S = SETTLES_AFTER.total_seconds()


async def test_a_buyer_confirms_after_a_while_and_the_shop_hears_of_it(lab: SandboxLab) -> None:
    made = await lab.authorize("k-1", method="tok_requires_action")
    await lab.run("settle")
    still = (await lab.ask("GET", f"/charges/{made.body['id']}")).body["charge"]

    lab.clock.turn(seconds=LONG_ENOUGH_S)
    await lab.run("settle")
    await lab.run("settle")
    await lab.run("deliver")

    assert isinstance(still, dict)
    assert still["state"] == "requires_action"
    assert (await lab.totals())["authorized_minor"] == 1000
    assert lab.shop.heard() == ["charge.requires_action", "charge.authorized"]


async def test_a_buyer_can_be_made_to_refuse(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1", method="tok_requires_action")).body["id"]

    refused = await lab.ask("PUT", f"/charges/{charge_id}/approval", {"approved": False})
    again = await lab.ask("PUT", f"/charges/{charge_id}/approval", {"approved": True})

    assert (refused.body["state"], refused.body["reason"]) == ("declined", "authentication_failed")
    assert again.status == 409


async def test_a_charge_that_was_voided_meanwhile_is_not_confirmed(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1", method="tok_requires_action")).body["id"]
    await lab.ask("POST", f"/charges/{charge_id}/void", key="k-2")

    lab.clock.turn(seconds=LONG_ENOUGH_S)
    await lab.run("settle")

    assert (await lab.totals())["authorized_minor"] == 0


async def test_a_pending_refund_succeeds_later_and_counts_from_then_on(lab: SandboxLab) -> None:
    charge_id = await lab.captured(method="tok_refund_pending")
    pending = await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 300}, key="r-1")
    before = await lab.totals()

    lab.clock.turn(seconds=LONG_ENOUGH_S)
    await lab.run("settle")

    assert pending.body["state"] == "pending"
    assert (before["refunded_minor"], (await lab.totals())["refunded_minor"]) == (0, 300)


async def test_a_refund_that_fails_can_be_made_again(lab: SandboxLab) -> None:
    charge_id = await lab.captured(method="tok_refund_fails", minor=500)
    await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 500}, key="r-1")

    lab.clock.turn(seconds=LONG_ENOUGH_S)
    await lab.run("settle")
    await lab.run("deliver")

    assert "refund.failed" in lab.shop.heard()
    assert (await lab.totals())["refunded_minor"] == 0
    again = await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 500}, key="r-2")
    assert again.status == 201
