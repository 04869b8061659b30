import os
from pathlib import Path
from threading import Timer

import pytest

from tests.board import VARIABLE, Board, board_of, new_board
from tests.servers.fleet import KINDS, Fleet, variable
from tests.servers.program import ServerFailed
from tests.servers.run import Run


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def test_a_notice_is_there_once_it_was_posted(board: Board) -> None:
    before = board.read("redis")
    board.post("redis", "redis://127.0.0.1:1")

    assert before is None
    assert board.read("redis") == "redis://127.0.0.1:1"


def test_who_waits_for_a_notice_gets_it_as_soon_as_it_is_posted(board: Board) -> None:
    Timer(0.1, board.post, ("redis", "at last")).start()

    assert board.wait("redis", timeout_s=10) == "at last"


def test_waiting_ends_when_nobody_posts(board: Board) -> None:
    with pytest.raises(TimeoutError, match="nobody has posted redis"):
        board.wait("redis", timeout_s=0.1)


def test_a_new_board_is_known_to_whoever_is_started_meanwhile_and_gone_afterwards() -> None:
    outside = os.environ.pop(VARIABLE, None)
    try:
        with new_board() as board:
            found = board_of(dict(os.environ))
            board.post("redis", "here")

            assert found is not None
            assert found.read("redis") == "here"

        assert board_of(dict(os.environ)) is None
    finally:
        if outside is not None:
            os.environ[VARIABLE] = outside


@pytest.mark.embedded
def test_servers_that_one_process_shares_are_those_that_another_gets(tmp_path: Path, server_run: Run) -> None:
    given = {variable(name): f"{name}://here" for name in KINDS}

    Fleet(server_run, given).share(Board(tmp_path))

    other = Fleet(server_run, {VARIABLE: str(tmp_path)})
    assert {name: other.url(name) for name in KINDS} == {name: f"{name}://here" for name in KINDS}


@pytest.mark.embedded
def test_a_shared_server_that_did_not_start_fails_for_everybody_with_its_reason(
    tmp_path: Path, server_run: Run
) -> None:
    Board(tmp_path).post("redis", "failed: out of ports")

    with pytest.raises(ServerFailed, match="out of ports"):
        Fleet(server_run, {VARIABLE: str(tmp_path)}).url("redis")
