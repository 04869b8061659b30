import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from services.orders.payments.port import WebhookRefused
from services.orders.payments.signature import TOLERANCE_S, require_signature

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
BODY = b'{"id":"evt_1"}'


def mac(secret: str, *, at: int | None = None) -> str:
    signed = f"{at or int(NOW.timestamp())}.".encode() + BODY
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def test_either_secret_is_good_while_one_is_rotated() -> None:
    header = f"t={int(NOW.timestamp())},v1={mac('new')},v1={mac('old')}"

    for secret in ("new", "old"):
        require_signature(header, BODY, secret=secret, now=NOW)
    with pytest.raises(WebhookRefused):
        require_signature(header, BODY, secret="older", now=NOW)


@pytest.mark.parametrize(
    ("age_s", "good"), [(0, True), (TOLERANCE_S, True), (TOLERANCE_S + 1, False), (-TOLERANCE_S - 1, False)]
)
def test_a_signature_holds_for_five_minutes_either_way(age_s: int, *, good: bool) -> None:
    at = int(NOW.timestamp()) - age_s
    header = f"t={at},v1={mac('secret', at=at)}"

    if good:
        require_signature(header, BODY, secret="secret", now=NOW)
    else:
        with pytest.raises(WebhookRefused):
            require_signature(header, BODY, secret="secret", now=NOW)


def test_the_time_cannot_be_changed_without_the_secret() -> None:
    header = f"t={int(NOW.timestamp()) + 60},v1={mac('secret')}"

    with pytest.raises(WebhookRefused):
        require_signature(header, BODY, secret="secret", now=NOW)


def test_another_scheme_is_not_taken_for_ours() -> None:
    header = f"t={int(NOW.timestamp())},v0={mac('secret')}"

    with pytest.raises(WebhookRefused):
        require_signature(header, BODY, secret="secret", now=NOW)
