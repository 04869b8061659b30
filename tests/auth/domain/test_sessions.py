from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.auth.domain.one_time import successor
from services.auth.domain.sessions import Client, Turn, judge, next_token, open_session

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CLIENT = Client(address="203.0.113.7", agent="a" * 300)
SESSION = open_session(UUID(int=1), UUID(int=2), CLIENT, now=NOW)
TOKEN = next_token(SESSION, b"t", now=NOW)
USED = replace(TOKEN, used_at=NOW, retry_hash=b"k")


def _after(**by: float) -> datetime:
    return NOW + timedelta(**by)


def test_a_token_is_exchanged_once() -> None:
    assert judge(TOKEN, SESSION, retry_hash=None, now=NOW) is Turn.ROTATE
    assert judge(USED, SESSION, retry_hash=None, now=NOW) is Turn.REUSE


@pytest.mark.parametrize(
    ("retry_hash", "seconds", "turn"),
    [(b"k", 60, Turn.REPEAT), (b"k", 61, Turn.REUSE), (b"x", 1, Turn.REUSE), (None, 1, Turn.REUSE)],
)
def test_only_the_same_try_is_a_repetition(retry_hash: bytes | None, seconds: float, turn: Turn) -> None:
    assert judge(USED, SESSION, retry_hash=retry_hash, now=_after(seconds=seconds)) is turn


def test_a_token_used_without_a_key_is_repeated_by_nobody() -> None:
    used = replace(TOKEN, used_at=NOW)

    assert judge(used, SESSION, retry_hash=None, now=NOW) is Turn.REUSE


def test_nothing_goes_on_once_the_session_is_over() -> None:
    revoked = replace(SESSION, revoked_at=NOW)

    assert judge(TOKEN, revoked, retry_hash=None, now=NOW) is Turn.ENDED
    assert judge(TOKEN, SESSION, retry_hash=None, now=_after(days=90)) is Turn.ENDED
    assert judge(TOKEN, SESSION, retry_hash=None, now=_after(days=30)) is Turn.ENDED


def test_no_token_outlives_its_session() -> None:
    late = next_token(SESSION, b"t", now=_after(days=80))

    assert late.expires_at == SESSION.expires_at


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("unknown", "unknown")],
)
def test_a_session_keeps_only_the_network(address: str, network: str) -> None:
    session = open_session(UUID(int=1), UUID(int=2), Client(address=address, agent="a"), now=NOW)

    assert session.network == network
    assert len(SESSION.agent) == 200


def test_a_successor_depends_on_key_token_and_try() -> None:
    found = {successor(b"k", "t", "r"), successor(b"l", "t", "r"), successor(b"k", "u", "r"), successor(b"k", "t", "s")}

    assert len(found) == 4
    assert successor(b"k", "t", "r") in found
