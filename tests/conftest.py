"""What every test may ask for: servers, fresh databases; and what none may do: reach further than its tier.

Addresses come from SOUK_TEST_POSTGRES_URL and its like, else from a program on this machine, else from docker compose.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import asyncpg
import hypothesis
import pytest
from xdist.remote import Producer

from services.chassis.ids import uuid7
from tests.board import Board, board_of, new_board
from tests.dealing import Dealer, in_order
from tests.servers.binaries import ServerMissing
from tests.servers.fleet import KINDS, Fleet
from tests.servers.program import Server, ServerFailed
from tests.servers.run import Run
from tests.sockets import SocketWall
from tests.tiers import Tier, asked_for, left_out, reach_of, select

_WALL = pytest.StashKey[SocketWall]()
_BOARD = pytest.StashKey[Board]()
_LEFT_OUT = pytest.StashKey[str]()
_NOTICE = "left-out"


def pytest_configure(config: pytest.Config) -> None:
    wall = config.stash[_WALL] = SocketWall()
    wall.build()
    # How long an example takes says how busy the machine is, and nothing of Souk.
    hypothesis.settings.register_profile("souk", deadline=None)
    hypothesis.settings.load_profile("souk")
    if config.getoption("numprocesses", None) and board_of(os.environ) is None:
        _deal_out(config)


def _deal_out(config: pytest.Config) -> None:
    """This process runs no test: it has others run them, on servers that it starts for all."""
    held = ExitStack()
    config.add_cleanup(held.close)
    own = dict(os.environ)
    board = config.stash[_BOARD] = held.enter_context(new_board())
    if Tier.SERVERS in asked_for(own):
        Fleet(held.enter_context(Run()), own).share(board)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealer:
    return Dealer(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:], left = select(items, asked_for(os.environ))
    board = board_of(os.environ)
    if board is not None:
        items[:] = in_order(items)
        board.post(_NOTICE, left_out(left))
    config.stash[_LEFT_OUT] = left_out(left)
    config.hook.pytest_deselected(items=left)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    board = config.stash.get(_BOARD, None)
    left = config.stash.get(_LEFT_OUT, "") if board is None else board.read(_NOTICE)
    if left:
        terminalreporter.write_line(f"Tests left out because TIERS does not name their tier: {left}.")


@pytest.fixture(autouse=True)
def _reach_no_further_than_the_tier(request: pytest.FixtureRequest) -> Iterator[None]:
    item: pytest.Item = request.node
    with request.config.stash[_WALL].limit(reach_of(item)) as refused:
        yield
    if refused:
        pytest.fail(f"the test reached beyond its tier: {'; '.join(refused)}", pytrace=False)


@pytest.fixture(scope="session")
def server_run() -> Iterator[Run]:
    """For tests that make a server themselves, such as `Nginx(server_run, upstream=…)`."""
    with Run() as run:
        yield run


@pytest.fixture(scope="session")
def fleet(server_run: Run, request: pytest.FixtureRequest) -> Fleet:
    """Starts what the chosen tests will need, side by side."""
    fleet = Fleet(server_run, os.environ)
    wanted = {name for item in request.session.items for name in KINDS if f"{name}_url" in _fixtures(item)}
    fleet.announce(sorted(wanted))
    return fleet


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def _url(fleet: Fleet, name: str) -> str:
    try:
        return fleet.url(name)
    except (ServerMissing, ServerFailed) as reason:
        pytest.fail(str(reason), pytrace=False)


@pytest.fixture(scope="session")
def postgres_url(fleet: Fleet) -> str:
    """`postgresql+asyncpg://…/postgres`, of a user that may create databases; the server is durable."""
    return _url(fleet, "postgres")


@pytest.fixture(scope="session")
def redis_url(fleet: Fleet) -> str:
    """`redis://…/0`, shared by all tests: keys need a prefix of the test's own."""
    return _url(fleet, "redis")


@pytest.fixture(scope="session")
def rabbitmq_url(fleet: Fleet) -> str:
    """`amqp://…`, shared by all tests: queues and exchanges need names of the test's own."""
    return _url(fleet, "rabbitmq")


@pytest.fixture(scope="session")
def elasticsearch_url(fleet: Fleet) -> str:
    """`http://…`, shared by all tests: indices need names of the test's own."""
    return _url(fleet, "elasticsearch")


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[str]:
    """A fresh, empty database of this test's own, in the form `postgresql+asyncpg://…`; gone after the test."""
    name = f"test_{uuid7().hex}"
    server, _, _ = postgres_url.rpartition("/")
    admin = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield f"{server}/{name}"
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


def _own(fleet: Fleet, name: str) -> Iterator[Server]:
    try:
        server = fleet.own(name)
        server.start()
    except (ServerMissing, ServerFailed) as reason:
        pytest.fail(str(reason), pytrace=False)
    yield server
    server.kill()


@pytest.fixture
def own_postgres(fleet: Fleet) -> Iterator[Server]:
    """A started PostgreSQL that this test may stop, kill and start again."""
    yield from _own(fleet, "postgres")


@pytest.fixture
def own_redis(fleet: Fleet) -> Iterator[Server]:
    """A started Redis that this test may stop, kill and start again."""
    yield from _own(fleet, "redis")


@pytest.fixture
def own_rabbitmq(fleet: Fleet) -> Iterator[Server]:
    """A started RabbitMQ that this test may stop, kill and start again."""
    yield from _own(fleet, "rabbitmq")


@pytest.fixture
def own_elasticsearch(fleet: Fleet) -> Iterator[Server]:
    """A started Elasticsearch that this test may stop, kill and start again."""
    yield from _own(fleet, "elasticsearch")
