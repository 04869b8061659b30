"""What the sandbox adapter makes of answers that are not the usual ones."""

from datetime import UTC, datetime

import msgspec
import pytest

from services.chassis.wire.port import Call, Reply, UpstreamError
from services.contracts.money import Money
from services.orders.payments.port import (
    Authorize,
    Declined,
    KeyReused,
    ProviderFailed,
    ProviderRefused,
    ProviderTimeout,
    Refund,
    RefundFailed,
    RefundPending,
)
from services.orders.payments.sandbox import SandboxProvider

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
PURCHASE = Authorize(
    key="a-1", amount=Money(minor=1250, currency="EUR"), method="tok_visa", reference="g-1", asked_at=NOW
)
CHARGE = {"id": "ch_1", "key": "a-1", "reference": "g-1", "currency": "EUR", "captured_minor": 0, "reason": None}


class OneAnswer:
    """Answers every call the same."""

    def __init__(self, status: int = 201, body: object = b"", *, failure: UpstreamError | None = None) -> None:
        encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
        self.calls: list[Call] = []
        self._reply = Reply(status=status, headers=(), body=encoded)
        self._failure = failure

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 0) -> Reply:  # noqa: ARG002 - the port's.
        self.calls.append(call)
        if self._failure is not None:
            raise self._failure
        return self._reply

    async def close(self) -> None:
        return


def adapter(upstream: OneAnswer) -> SandboxProvider:
    return SandboxProvider(upstream, api_key="key", webhook_secret="secret", clock=lambda: NOW)


async def test_an_ask_carries_the_key_and_no_more_than_the_purchase() -> None:
    upstream = OneAnswer(201, {**CHARGE, "state": "authorized"})

    await adapter(upstream).authorize(PURCHASE)

    [call] = upstream.calls
    headers = dict(call.headers)
    assert (headers[b"idempotency-key"], headers[b"authorization"]) == (b"a-1", b"Bearer key")
    assert msgspec.json.decode(call.body) == {
        "amount_minor": 1250,
        "currency": "EUR",
        "token": "tok_visa",
        "reference": "g-1",
    }


@pytest.mark.parametrize(
    ("status", "code", "failure", "maybe_applied"),
    [
        (500, "fault", ProviderFailed, True),
        (503, "unavailable", ProviderFailed, True),
        (504, "deadline", ProviderTimeout, True),
        (302, "moved", ProviderFailed, True),
        (409, "idempotency_key_in_flight", ProviderFailed, True),
        (401, "api_key_refused", ProviderFailed, False),
        (403, "denied", ProviderFailed, False),
        (429, "limited", ProviderFailed, False),
    ],
)
async def test_a_failure_says_whether_money_may_have_moved(
    status: int, code: str, failure: type[ProviderFailed], *, maybe_applied: bool
) -> None:
    provider = adapter(OneAnswer(status, {"code": code, "detail": "no"}))

    with pytest.raises(failure) as failed:
        await provider.authorize(PURCHASE)

    assert type(failed.value) is failure
    assert failed.value.maybe_applied is maybe_applied


@pytest.mark.parametrize(
    ("sent", "timed_out", "failure"),
    [(True, True, ProviderTimeout), (True, False, ProviderFailed), (False, True, ProviderTimeout)],
)
async def test_a_call_that_was_never_sent_surely_moved_no_money(
    sent: bool,  # noqa: FBT001 - a parameter of the table above.
    timed_out: bool,  # noqa: FBT001 - the same.
    failure: type[ProviderFailed],
) -> None:
    provider = adapter(OneAnswer(failure=UpstreamError("gone", sent=sent, timed_out=timed_out)))

    with pytest.raises(failure) as failed:
        await provider.authorize(PURCHASE)

    assert failed.value.maybe_applied is sent


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (409, "charge_wrong_state", ProviderRefused),
        (422, "idempotency_key_reused", KeyReused),
        (404, "charge_missing", ProviderRefused),
        (400, "malformed", ProviderRefused),
    ],
)
async def test_a_refusal_keeps_the_reason_it_was_given(status: int, code: str, refusal: type[ProviderRefused]) -> None:
    provider = adapter(OneAnswer(status, {"code": code, "detail": "no"}))

    with pytest.raises(refusal) as refused:
        await provider.authorize(PURCHASE)

    assert refused.value.reason == code


async def test_a_refusal_without_a_problem_document_is_still_a_refusal() -> None:
    with pytest.raises(ProviderRefused) as refused:
        await adapter(OneAnswer(405, b"<html>")).authorize(PURCHASE)

    assert refused.value.reason == "status_405"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", {**CHARGE, "state": "teleported"}, {**CHARGE, "state": 1}])
async def test_an_answer_that_cannot_be_read_may_have_moved_money(body: object) -> None:
    with pytest.raises(ProviderFailed) as failed:
        await adapter(OneAnswer(201, body)).authorize(PURCHASE)

    assert failed.value.maybe_applied


async def test_an_unknown_method_is_a_decline() -> None:
    outcome = await adapter(OneAnswer(422, {"code": "token_unknown"})).authorize(PURCHASE)

    assert outcome == Declined(charge_id=None, reason="unknown_method")


@pytest.mark.parametrize(("state", "outcome"), [("pending", RefundPending), ("failed", RefundFailed)])
async def test_a_refund_may_end_later_or_fail(state: str, outcome: type[RefundPending | RefundFailed]) -> None:
    made = {"id": "re_1", "key": "r-1", "charge_id": "ch_1", "amount_minor": 5, "currency": "EUR", "state": state}
    money = Money(minor=5, currency="EUR")

    told = await adapter(OneAnswer(201, made)).refund(Refund(key="r-1", charge_id="ch_1", amount=money))

    assert told == outcome(charge_id="ch_1", refund_id="re_1", amount=money)
