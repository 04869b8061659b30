from datetime import UTC, datetime, timedelta

import pytest
from pyotp import TOTP

from services.auth.domain.totp import (
    CodeRefused,
    accept,
    enrolment_uri,
    is_recovery,
    plain_recovery,
    to_recovery_codes,
    to_secret,
)

SECRET = to_secret(bytes(range(20)))
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_a_neighbouring_step_is_accepted(steps: int) -> None:
    code = TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps))

    assert accept(SECRET, code, last_step=0, now=NOW) == STEP + steps


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_from_further_away_is_refused(steps: int) -> None:
    code = TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps))

    with pytest.raises(CodeRefused):
        accept(SECRET, code, last_step=0, now=NOW)


def test_no_step_is_accepted_twice() -> None:
    code = TOTP(SECRET).at(NOW)

    with pytest.raises(CodeRefused):
        accept(SECRET, code, last_step=STEP, now=NOW)


@pytest.mark.parametrize("code", ["", "abcdef", "12345"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(CodeRefused):
        accept(SECRET, code, last_step=0, now=NOW)


def test_an_authenticator_is_told_whose_secret_it_is() -> None:
    uri = enrolment_uri(SECRET, "ana@example.org")

    assert uri.startswith("otpauth://totp/Souk:ana%40example.org?secret=")
    assert SECRET in uri


def test_recovery_codes_can_be_read_aloud() -> None:
    codes = to_recovery_codes(bytes(range(100)))

    assert len(set(codes)) == 10
    assert all(is_recovery(code) and len(plain_recovery(code)) == 16 for code in codes)
    assert not is_recovery("123456")
