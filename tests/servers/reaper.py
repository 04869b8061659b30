"""Ends what a test run started, also when the run itself was killed. A program of its own; `run` speaks to it.

What to end comes in on standard input, one JSON value a line: a number is a process id, a list of words a command.
The kernel closes that pipe however the run ends, and then every process named so far is killed with all its children,
every command is run, and the run's folder, the only argument, is deleted.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

import psutil

_WAIT_S = 10.0
_POLL_S = 0.01


def kill_trees(roots: Iterable[psutil.Process]) -> None:
    """SIGKILL to each process that still is the one it was, and to all its descendants; returns when they are gone."""
    doomed = [victim for root in roots if root.is_running() for victim in _tree(root)]
    for victim in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    wait_gone(doomed, timeout_s=_WAIT_S)


def wait_gone(family: Iterable[psutil.Process], *, timeout_s: float) -> bool:
    """Whether all of them ended in time."""
    left, deadline = list(family), time.monotonic() + timeout_s
    while left and time.monotonic() < deadline:
        left = [one for one in left if not _gone(one)]
        time.sleep(_POLL_S if left else 0)
    return not left


def _gone(one: psutil.Process) -> bool:
    # A zombie holds nothing any more and waits only for its parent, which may be the run itself.
    try:
        return not one.is_running() or one.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _tree(root: psutil.Process) -> Iterator[psutil.Process]:
    # The root first: a supervisor must not see its children die and start new ones.
    yield root
    with contextlib.suppress(psutil.NoSuchProcess):
        yield from root.children(recursive=True)


def _named(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []


def main(folder: str) -> None:
    """Collect until the run is over, then end everything."""
    roots: list[psutil.Process] = []
    commands: list[list[str]] = []
    for line in sys.stdin:
        told: int | list[str] = json.loads(line)
        # Looked up at once, so that a number the system gives out again later is not taken for the same process.
        if isinstance(told, int):
            roots.extend(_named(told))
        else:
            commands.append(told)
    kill_trees(roots)
    for command in commands:
        subprocess.run(command, check=False, capture_output=True, timeout=120)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
