from pathlib import Path

import pytest

from tests.sandbox.provider import SandboxLab, sandbox_lab


@pytest.mark.parametrize(
    ("method", "applied"),
    [("tok_timeout", False), ("tok_error", False), ("tok_timeout_after", True), ("tok_error_after", True)],
)
async def test_a_token_fails_before_or_after_the_effect(lab: SandboxLab, method: str, applied: bool) -> None:  # noqa: FBT001
    answer = await lab.authorize("k-1", method=method)

    found = await lab.ask("GET", "/requests?key=k-1")
    assert answer.status == 500
    assert (found.status == 200) is applied


async def test_a_request_that_times_out_is_kept_waiting(lab: SandboxLab) -> None:
    await lab.ask("PUT", "/faults", {"hang_s": 12})

    await lab.authorize("k-1", method="tok_timeout_after")

    assert lab.naps.taken == [12]


async def test_a_slow_token_answers_late_and_well(lab: SandboxLab) -> None:
    answer = await lab.authorize("k-1", method="tok_slow")

    assert (answer.status, lab.naps.taken) == (201, [2.0])


async def test_a_fault_rate_befalls_only_the_operations_it_names(lab: SandboxLab) -> None:
    await lab.ask("PUT", "/faults", {"error_after": 1, "operations": ["capture"]})

    made = await lab.authorize("k-1")
    taken = await lab.ask("POST", f"/charges/{made.body['id']}/capture", {"amount_minor": 1000}, key="k-2")

    assert (made.status, taken.status) == (201, 500)
    assert (await lab.totals())["captured_minor"] == 1000


async def test_a_capture_that_failed_after_its_effect_is_not_made_twice(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1")).body["id"]
    await lab.ask("PUT", "/faults", {"timeout_after": 1, "operations": ["capture"]})

    for _ in range(3):
        await lab.ask("POST", f"/charges/{charge_id}/capture", {"amount_minor": 600}, key="k-2")

    assert (await lab.totals())["captured_minor"] == 600


async def test_declines_can_be_dealt_out_to_good_tokens(lab: SandboxLab) -> None:
    await lab.ask("PUT", "/faults", {"decline": 1})

    made = await lab.authorize("k-1")

    assert (made.body["state"], made.body["reason"]) == ("declined", "declined")


@pytest.mark.parametrize("wrong", [{"timeout_before": 1.5}, {"timeout": 1}, {"hang_s": 1000}, {"operations": ["pay"]}])
async def test_faults_that_make_no_sense_are_refused(lab: SandboxLab, wrong: dict[str, object]) -> None:
    answer = await lab.ask("PUT", "/faults", wrong)

    assert answer.status == 400
    assert (await lab.ask("GET", "/faults")).body["timeout_before"] == 0


async def test_rates_beyond_every_request_are_refused_and_change_nothing(lab: SandboxLab) -> None:
    answer = await lab.ask("PUT", "/faults", {"timeout_before": 0.6, "error_before": 0.6})

    assert (answer.status, answer.body["code"]) == (422, "rates_too_high")
    assert (await lab.authorize("k-1")).status == 201


async def test_faults_outlive_a_restart_and_are_turned_off_by_an_empty_set(database_url: str, tmp_path: Path) -> None:
    async with sandbox_lab(database_url, tmp_path) as before:
        await before.ask("PUT", "/faults", {"decline": 1, "seed": 9})

    async with sandbox_lab(database_url, tmp_path) as after:
        kept = (await after.ask("GET", "/faults")).body
        await after.ask("PUT", "/faults", {})
        made = await after.authorize("k-1")

    assert (kept["decline"], kept["seed"]) == (1, 9)
    assert made.body["state"] == "authorized"


async def test_a_worker_apart_from_the_api_follows_its_switches(database_url: str, tmp_path: Path) -> None:
    async with sandbox_lab(database_url, tmp_path) as api, sandbox_lab(database_url, tmp_path) as worker:
        await api.ask("PUT", "/faults", {"duplicate_webhook": 1})
        await api.authorize("k-1", method="tok_requires_action")

        await worker.run("follow_switches")
        worker.clock.turn(seconds=60)
        await worker.run("settle")
        await worker.run("deliver")

    assert worker.shop.heard().count("charge.authorized") == 2
