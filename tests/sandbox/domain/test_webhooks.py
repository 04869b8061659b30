import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from services.sandbox.domain.webhooks import RETRY_AFTER_S, next_try, sign

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def test_the_signature_covers_the_time_and_the_body() -> None:
    signed = f"{int(NOW.timestamp())}.".encode() + b'{"id":"evt_1"}'
    expected = hmac.digest(b"a secret", signed, hashlib.sha256).hex()

    header = sign(b'{"id":"evt_1"}', secret="a secret", now=NOW)

    assert header == f"t={int(NOW.timestamp())},v1={expected}"


def test_tries_are_further_and_further_apart_and_then_given_up() -> None:
    waits = [next_try(attempts, now=NOW) for attempts in range(1, len(RETRY_AFTER_S) + 2)]

    assert waits[:3] == [NOW + timedelta(seconds=1), NOW + timedelta(seconds=5), NOW + timedelta(seconds=30)]
    assert waits[-1] is None
    assert sorted(RETRY_AFTER_S) == list(RETRY_AFTER_S)
