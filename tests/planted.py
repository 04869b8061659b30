"""Runs pytest, with this suite's own hooks, on a file that a test of those hooks made up."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests import board

_OF_THIS_RUN = ("TIERS", board.VARIABLE, "PYTEST_XDIST")

REPOSITORY = Path(__file__).parents[1]


def command(file: Path) -> list[str]:
    """To be run in the repository, so that its settings hold."""
    return [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", str(file)]


def run_planted(file: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished run, its output as text."""
    return subprocess.run(
        command(file),
        cwd=REPOSITORY,
        env=surroundings(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def surroundings(given: Mapping[str, str]) -> dict[str, str]:
    """This run's environment without its choice of tiers, and as if no process ran tests beside this one."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith(_OF_THIS_RUN)}, **given}
