import asyncio

import pytest

from tests.sandbox.provider import SandboxLab


async def test_a_good_token_reserves_the_amount(lab: SandboxLab) -> None:
    made = await lab.authorize("k-1", minor=1250)

    assert made.status == 201
    assert made.body["state"] == "authorized"
    assert made.body["captured_minor"] == 0
    assert (await lab.totals())["authorized_minor"] == 1250


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("tok_declined", "declined"),
        ("tok_insufficient_funds", "insufficient_funds"),
        ("tok_expired", "expired_method"),
    ],
)
async def test_a_bad_token_is_declined_with_its_reason(lab: SandboxLab, token: str, reason: str) -> None:
    made = await lab.authorize("k-1", method=token)

    assert (made.body["state"], made.body["reason"]) == ("declined", reason)
    assert (await lab.totals())["authorized_minor"] == 0


async def test_a_capture_takes_part_and_releases_the_rest(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1", minor=1000)).body["id"]

    taken = await lab.ask("POST", f"/charges/{charge_id}/capture", {"amount_minor": 700}, key="k-2")

    assert taken.status == 200
    assert taken.body["captured_minor"] == 700
    totals = await lab.totals()
    assert (totals["authorized_minor"], totals["captured_minor"]) == (0, 700)


async def test_a_void_charge_cannot_be_captured(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1")).body["id"]
    await lab.ask("POST", f"/charges/{charge_id}/void", key="k-2")

    refused = await lab.ask("POST", f"/charges/{charge_id}/capture", {"amount_minor": 1}, key="k-3")

    assert (refused.status, refused.body["code"], refused.body["state"]) == (409, "charge_wrong_state", "voided")


async def test_refunds_never_exceed_what_was_captured(lab: SandboxLab) -> None:
    charge_id = await lab.captured(minor=1000)

    some = await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 600}, key="r-1")
    too_much = await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 401}, key="r-2")

    assert (some.status, some.body["state"]) == (201, "succeeded")
    assert (too_much.status, too_much.body["code"], too_much.body["most_minor"]) == (422, "amount_too_large", 400)
    assert (await lab.totals())["refunded_minor"] == 600


async def test_racing_refunds_together_give_back_no_more_than_was_captured(lab: SandboxLab) -> None:
    charge_id = await lab.captured(minor=1000)

    answers = await asyncio.gather(
        *(lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 300}, key=f"r-{n}") for n in range(8))
    )

    assert sorted(answer.status for answer in answers) == [201] * 3 + [422] * 5
    assert (await lab.totals())["refunded_minor"] == 900


async def test_the_same_key_gives_the_same_answer_even_after_the_charge_moved_on(lab: SandboxLab) -> None:
    first = await lab.authorize("k-1")
    await lab.ask("POST", f"/charges/{first.body['id']}/capture", {"amount_minor": 1000}, key="k-2")

    again = await lab.authorize("k-1")

    assert again == first
    assert (await lab.totals())["charges"] == 1


async def test_the_same_key_captures_and_refunds_once(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1")).body["id"]

    captures = [await lab.ask("POST", f"/charges/{charge_id}/capture", {"amount_minor": 900}, key="c") for _ in "123"]
    refunds = [await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 300}, key="r") for _ in "123"]

    assert captures == captures[:1] * 3
    assert refunds == refunds[:1] * 3
    totals = await lab.totals()
    assert (totals["captured_minor"], totals["refunded_minor"]) == (900, 300)


async def test_a_key_used_for_another_request_is_refused(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1", minor=1000)).body["id"]

    other_amount = await lab.authorize("k-1", minor=1001)
    other_operation = await lab.ask("POST", f"/charges/{charge_id}/void", key="k-1")

    assert {other_amount.body["code"], other_operation.body["code"]} == {"idempotency_key_reused"}
    assert (await lab.totals())["authorized_minor"] == 1000


async def test_one_key_fifty_times_at_once_makes_one_charge(lab: SandboxLab) -> None:
    answers = await asyncio.gather(*(lab.authorize("k-1") for _ in range(50)))

    charges = {answer.body["id"] for answer in answers if answer.status == 201}
    refusals = {answer.body["code"] for answer in answers if answer.status != 201}
    assert len(charges) == 1
    assert refusals <= {"idempotency_key_in_flight"}
    assert (await lab.totals())["charges"] == 1


async def test_what_became_of_a_key_can_be_asked(lab: SandboxLab) -> None:
    charge_id = await lab.captured()
    await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 10}, key="r-1")

    found = await lab.ask("GET", "/requests?key=r-1")
    unknown = await lab.ask("GET", "/requests?key=r-2")

    assert found.body["operation"] == "refund"
    assert isinstance(found.body["refund"], dict)
    assert found.body["refund"]["amount_minor"] == 10
    assert (unknown.status, unknown.body["code"]) == (404, "idempotency_key_unknown")


async def test_a_refused_request_leaves_its_key_free(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1", minor=1000)).body["id"]
    await lab.ask("POST", f"/charges/{charge_id}/capture", {"amount_minor": 1001}, key="c")

    corrected = await lab.ask("POST", f"/charges/{charge_id}/capture", {"amount_minor": 1000}, key="c")

    assert corrected.status == 200
