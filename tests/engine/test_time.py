"""How long it takes to preview the largest stack, beside a program that declares as many of the simplest objects."""

import time
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path

import pytest

from tests.engine.lives import Lives
from tests.engine.project import GIVEN, Project
from tests.lab.terminal import Stack, Terminal

pytestmark = pytest.mark.engine

AT_MOST = 2.0
ROUNDS = 3
"""The first that is fast enough will do: what else the machine does makes them slower, never faster."""
BARE = """
for number in range({count}):
    k8s.core.v1.ConfigMap(f"bare-{{number}}", metadata={{"name": f"bare-{{number}}"}}, data={{"key": "value"}})
"""


@pytest.fixture
def bare(terminal: Terminal, tmp_path: Path) -> Stack:
    stack = Stack(terminal, tmp_path)
    stack.begin()
    return stack


def test_a_preview_of_prod_takes_at_most_twice_the_time_of_bare_config_maps(
    project: Project, bare: Stack, lives: Lives
) -> None:
    count = lives["prod"].result().first["created"]
    wait(lives.values())
    prod = project.begin("timed", like="prod")
    prod.keep_secrets()
    prod.tell(images=GIVEN, environment={"prefix": "timed"})
    bare.program(BARE.format(count=count))

    ratios: list[float] = []
    while len(ratios) < ROUNDS and min(ratios, default=AT_MOST + 1) > AT_MOST:
        ratios.append(_seconds(prod.preview) / _seconds(bare.preview))

    assert min(ratios) <= AT_MOST, f"{count} resources, ratios {ratios}"


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
