"""Chooses where each server comes from: an address in the environment, a program on this machine, docker compose.

Where several processes run tests side by side, the one that deals them out starts the servers for all of them.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from tests.board import Board, board_of
from tests.servers.binaries import ServerMissing
from tests.servers.compose import Composed, check_docker
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.postgres import Postgres
from tests.servers.program import Server, ServerFailed
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.redis import Redis
from tests.servers.run import Run


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A server that Souk stands on."""

    program: Callable[[Run], Server]
    """Makes it from what is on this machine; raises `ServerMissing`."""
    composed: str
    """Its URL from compose.yaml, but for `{port}`."""


KINDS: Mapping[str, Kind] = {
    "postgres": Kind(program=Postgres, composed="postgresql+asyncpg://souk:souk@127.0.0.1:{port}/postgres"),
    "redis": Kind(program=Redis, composed="redis://127.0.0.1:{port}/0"),
    "rabbitmq": Kind(program=RabbitMQ, composed="amqp://guest:guest@127.0.0.1:{port}/"),
    "elasticsearch": Kind(program=Elasticsearch, composed="http://127.0.0.1:{port}"),
}


_START_S = 180.0
_FAILED = "failed: "


def variable(name: str) -> str:
    """The environment variable that gives the address of a server."""
    return f"SOUK_TEST_{name.upper()}_URL"


class Fleet:
    """The servers of one run, each started once, when it is first asked for or announced."""

    def __init__(self, run: Run, environment: Mapping[str, str]) -> None:
        self._run = run
        self._environment = environment
        self._starting: dict[str, Future[str]] = {}
        self._pool = ThreadPoolExecutor(max_workers=len(KINDS))

    def announce(self, names: Iterable[str]) -> None:
        """These will be wanted: start them all, side by side, and return at once."""
        for name in names:
            if name not in self._starting:
                self._starting[name] = self._pool.submit(self._up, name)

    def share(self, board: Board) -> None:
        """Start all of them, and post the address of each, or why there is none."""
        self.announce(KINDS)
        for name, starting in self._starting.items():
            starting.add_done_callback(partial(_post, board, name))

    def url(self, name: str) -> str:
        """The address of the server that all tests share. Raises `ServerMissing` or `ServerFailed`."""
        self.announce([name])
        return self._starting[name].result()

    def own(self, name: str) -> Server:
        """Another one, not started, for a test that will kill it; never the one of the environment."""
        return make(name, self._run)

    def _up(self, name: str) -> str:
        given = self._environment.get(variable(name))
        if given:
            return given
        board = board_of(self._environment)
        if board is not None:
            return _posted(board.wait(name, timeout_s=_START_S))
        server = make(name, self._run)
        server.start()
        return server.url


def _post(board: Board, name: str, starting: Future[str]) -> None:
    failure = starting.exception()
    board.post(name, starting.result() if failure is None else f"{_FAILED}{failure}")


def _posted(text: str) -> str:
    if text.startswith(_FAILED):
        raise ServerFailed(text.removeprefix(_FAILED))
    return text


def make(name: str, run: Run) -> Server:
    """A private server, not started. Raises `ServerMissing` with all that was tried."""
    kind = KINDS[name]
    try:
        return kind.program(run)
    except ServerMissing as missing:
        try:
            return Composed(run, name, kind.composed, docker=check_docker())
        except ServerMissing as neither:
            raise ServerMissing(f"{missing} {neither} To leave these tests out: TIERS=unit,embedded.") from None
