from pathlib import Path

import pytest

from tests.planted import run_planted
from tests.sockets import Reach, within

HERE = ["127.0.0.1", "127.8.9.10", "::1", "localhost", "", "/run/server.sock", None]
ELSEWHERE = ["192.0.2.1", "2001:db8::1", "example.org", "0.0.0.0"]  # noqa: S104 - an example of what is refused.

PLANTED = """
import contextlib, socket
import pytest

def test_opens_a_socket_and_swallows_the_refusal():
    with contextlib.suppress(Exception):
        socket.create_connection(("127.0.0.1", 9))

@pytest.mark.embedded
def test_asks_for_another_machine():
    socket.getaddrinfo("example.org", 80)

@pytest.mark.embedded
def test_talks_to_itself():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
"""


@pytest.mark.parametrize("where", [*HERE, *ELSEWHERE])
def test_nothing_is_within_reach_of_a_unit_test(where: str | None) -> None:
    assert not within(Reach.NOWHERE, where)


@pytest.mark.parametrize("where", HERE)
def test_this_machine_is_within_reach_of_an_embedded_test(where: str | None) -> None:
    assert within(Reach.LOOPBACK, where)


@pytest.mark.parametrize("where", ELSEWHERE)
def test_other_machines_are_not_within_reach_of_an_embedded_test(where: str) -> None:
    assert not within(Reach.LOOPBACK, where)


@pytest.mark.embedded
def test_a_test_that_reaches_beyond_its_tier_fails_even_when_it_swallows_the_refusal(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(PLANTED)

    ended = run_planted(planted)

    assert "ERROR at teardown of test_opens_a_socket_and_swallows_the_refusal" in ended.stdout
    assert "ERROR at teardown of test_asks_for_another_machine" in ended.stdout
    assert "1 failed, 2 passed, 2 errors" in ended.stdout
