"""What is refused before anything is done."""

import pytest

from tests.sandbox.provider import SandboxLab

PURCHASE = {"amount_minor": 1000, "currency": "EUR", "token": "tok_visa", "reference": "g-1"}


@pytest.mark.parametrize("path", ["/charges", "/totals", "/faults", "/webhooks", "/requests?key=a", "/charges/ch_1"])
async def test_nothing_is_told_without_the_api_key(lab: SandboxLab, path: str) -> None:
    answer = await lab.ask("GET", path, api_key="sandbox-key-for-test")

    assert (answer.status, answer.body["code"]) == (401, "api_key_refused")


async def test_nothing_is_charged_without_the_api_key(lab: SandboxLab) -> None:
    answer = await lab.ask("POST", "/charges", PURCHASE, key="k-1", api_key="")

    assert answer.status == 401
    assert (await lab.ask("GET", "/charges")).body["items"] == []


async def test_money_moves_only_under_a_key(lab: SandboxLab) -> None:
    answer = await lab.ask("POST", "/charges", PURCHASE)

    assert (answer.status, answer.body["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    "change",
    [
        {"token": ""},
        {"token": "t" * 65},
        {"amount_minor": 0},
        {"amount_minor": -5},
        {"amount_minor": 12.5},
        {"amount_minor": 10**12},
        {"currency": "eur"},
        {"reference": ""},
        {"reference": "g\u0000"},
        {"card": "4242424242424242"},
    ],
)
async def test_a_purchase_that_makes_no_sense_is_refused(lab: SandboxLab, change: dict[str, object]) -> None:
    answer = await lab.ask("POST", "/charges", {**PURCHASE, **change}, key="k-1")

    assert answer.status == 400
    assert (await lab.ask("GET", "/charges")).body["items"] == []


async def test_a_card_number_is_no_token_and_is_neither_kept_nor_repeated(lab: SandboxLab) -> None:
    answer = await lab.authorize("k-1", method="4242424242424242")

    assert (answer.status, answer.body["code"]) == (422, "token_unknown")
    assert "4242" not in str(answer.body)
    assert (await lab.ask("GET", "/charges")).body["items"] == []


async def test_an_unknown_token_is_refused_and_the_known_ones_are_named(lab: SandboxLab) -> None:
    answer = await lab.authorize("k-1", method="tok_monopoly")

    assert (answer.status, answer.body["code"]) == (422, "token_unknown")
    assert isinstance(answer.body["known"], list)
    assert "tok_visa" in answer.body["known"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b"null", b'{"amount_minor": 1'])
async def test_a_body_that_cannot_be_read_is_refused(lab: SandboxLab, body: bytes) -> None:
    answer = await lab.ask("POST", "/charges", body, key="k-1")

    assert answer.status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/charges/%00",
        "/charges?reference=%00",
        "/totals?reference=%00",
        "/requests?key=%00",
        "/requests",
        "/charges?cursor=WyJcdTAwMDAiXQ",
        "/totals?cursor=WyJcdTAwMDAiLCJFVVIiXQ",
        "/charges?limit=0",
        "/charges?cursor=%FF",
    ],
)
async def test_a_parameter_that_makes_no_sense_is_refused(lab: SandboxLab, path: str) -> None:
    answer = await lab.ask("GET", path)

    assert answer.status == 400


async def test_an_unknown_charge_is_missing(lab: SandboxLab) -> None:
    captured = await lab.ask("POST", "/charges/ch_none/capture", {"amount_minor": 1}, key="k-1")
    read = await lab.ask("GET", "/charges/ch_none")

    assert (captured.status, captured.body["code"]) == (404, "charge_missing")
    assert read.status == 404
