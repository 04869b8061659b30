from pathlib import Path

import pytest

from tests.planted import run_planted
from tests.tiers import USUAL, Tier, asked_for

PLANTED = """
import pytest

@pytest.mark.servers
def test_on_servers(): ...

@pytest.mark.lab
def test_in_a_cluster(): ...

@pytest.mark.soak
@pytest.mark.servers
def test_for_hours(): ...

@pytest.mark.embedded
def test_embedded(): ...

def test_unit(): ...
"""

SIDE_BY_SIDE = "--numprocesses=2"
WHO_RUNS = """
import os, pathlib
import pytest

@pytest.mark.parametrize("number", range(8))
def test_who_runs(number):
    with pathlib.Path(__file__).with_name("workers").open("a") as workers:
        workers.write(os.environ["PYTEST_XDIST_WORKER"] + chr(10))
"""


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    file = tmp_path / "test_planted.py"
    file.write_text(PLANTED)
    return file


def test_without_a_choice_the_usual_tiers_run() -> None:
    assert asked_for({}) == USUAL


def test_a_choice_may_have_spaces() -> None:
    assert asked_for({"TIERS": "unit, soak"}) == {Tier.UNIT, Tier.SOAK}


def test_a_tier_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(pytest.UsageError, match=r"'units'.*unit, embedded, servers"):
        asked_for({"TIERS": "units"})


@pytest.mark.embedded
def test_fast_tiers_run_first_and_soaks_only_when_asked_for(planted: Path) -> None:
    ended = run_planted(planted, PYTEST_ADDOPTS="-v")

    ran = [line.split("::")[1].split()[0] for line in ended.stdout.splitlines() if "PASSED" in line]
    assert ran == ["test_unit", "test_embedded", "test_on_servers"]


@pytest.mark.embedded
def test_what_is_left_out_is_said(planted: Path) -> None:
    ended = run_planted(planted, TIERS="unit,embedded")

    assert "TIERS does not name their tier: 1 of servers, 1 of lab, 1 of soak." in ended.stdout
    assert "2 passed, 3 deselected" in ended.stdout


@pytest.mark.embedded
def test_side_by_side_the_same_tests_run_and_the_same_is_said(planted: Path) -> None:
    ended = run_planted(planted, TIERS="unit,embedded", PYTEST_ADDOPTS=SIDE_BY_SIDE)

    assert "TIERS does not name their tier: 1 of servers, 1 of lab, 1 of soak." in ended.stdout
    assert "2 passed" in ended.stdout


@pytest.mark.embedded
def test_side_by_side_one_process_runs_all_of_a_module(tmp_path: Path) -> None:
    file = tmp_path / "test_planted.py"
    file.write_text(WHO_RUNS)

    ended = run_planted(file, TIERS="unit", PYTEST_ADDOPTS=SIDE_BY_SIDE)

    assert "8 passed" in ended.stdout
    assert len(set((tmp_path / "workers").read_text().split())) == 1
