"""Programs of the benchmark: run as the caller, ended with the run, and what they cost while they ran."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from tests.servers.program import Server, ServerFailed
from tests.servers.run import Run

REPOSITORY = Path(__file__).parents[2]
_START_S = 60.0
_POLL_S = 0.05
_LOG_TAIL = 3_000


class Tree:
    """Some processes and all that they started, under one name."""

    def __init__(self, name: str, roots: Sequence[psutil.Process]) -> None:
        self.name = name
        self._roots = roots

    @property
    def pids(self) -> list[int]:
        """The ones it began with."""
        return [root.pid for root in self._roots]

    def cpu_s(self) -> float:
        """Seconds of processor time so far, user and system, of those that ended meanwhile too."""
        total = 0.0
        for root in self._roots:
            ended = root.cpu_times()
            total += ended.children_user + ended.children_system
            for one in (root, *root.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    spent = one.cpu_times()
                    total += spent.user + spent.system
        return total

    def resident_mib(self) -> float:
        """Resident memory of all of them; what they share counts once for each."""
        return sum(one.memory_info().rss for one in self._living()) / 2**20

    def _living(self) -> Iterator[psutil.Process]:
        for root in self._roots:
            yield root
            yield from root.children(recursive=True)


def start(
    run: Run,
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    ready: Callable[[], bool],
    timeout_s: float = _START_S,
) -> Tree:
    """Return when it is ready. Raises `ServerFailed` with the end of its log."""
    log = run.root / f"{name.replace(' ', '-')}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=REPOSITORY,
            env={**inherited(), **environment},
            start_new_session=True,
        )
    run.watch(process)
    deadline = time.monotonic() + timeout_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerFailed(f"{name} does not answer; the end of its log:\n{log.read_text()[-_LOG_TAIL:]}")
        time.sleep(_POLL_S)
    return Tree(name, [psutil.Process(process.pid)])


def inherited() -> dict[str, str]:
    """The environment without settings of Souk, which would change what is measured."""
    return {key: value for key, value in os.environ.items() if not key.startswith("SOUK_")}


def start_server(name: str, server: Server) -> Tree:
    """Start one of tests/servers and find its processes."""
    here = psutil.Process()
    before = {child.pid for child in here.children()}
    server.start()
    return Tree(name, [child for child in here.children() if child.pid not in before])


def python(*arguments: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *arguments]


def fetch(port: int, path: str) -> bytes:
    """The body of a GET. Raises ValueError for any other answer than 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        body = reply.read()
    finally:
        connection.close()
    if reply.status != 200:
        raise ValueError(f"GET {path} was answered with {reply.status}: {body!r}")
    return body


def answers_ok(port: int, path: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        fetch(port, path)
    except (HTTPException, OSError, ValueError):
        return False
    return True
