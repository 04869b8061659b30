import subprocess
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import asyncpg
import pytest
from redis.asyncio import Redis as Client

from tests.planted import REPOSITORY, command, run_planted, surroundings
from tests.servers.fleet import KINDS, Fleet, variable
from tests.servers.nginx import Nginx
from tests.servers.ports import answers
from tests.servers.program import Server
from tests.servers.run import Run

NEEDS_REDIS = """
import pytest

@pytest.mark.servers
def test_needs_redis(redis_url): ...
"""

HOLDS_REDIS = """
import pathlib, time
import pytest

@pytest.mark.servers
def test_holds_redis(redis_url):
    pathlib.Path(__file__).with_name("url").write_text(redis_url)
    time.sleep(60)
"""


class Echo(BaseHTTPRequestHandler):
    """Answers with the path it was asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name.
        """Say nothing."""


@pytest.fixture
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", KINDS)
def test_an_address_in_the_environment_is_taken_as_it_is(name: str, server_run: Run) -> None:
    fleet = Fleet(server_run, {variable(name): "scheme://elsewhere"})

    assert fleet.url(name) == "scheme://elsewhere"


@pytest.mark.embedded
def test_a_tier_whose_server_cannot_be_had_fails_and_says_what_to_install(tmp_path: Path) -> None:
    file = tmp_path / "test_planted.py"
    file.write_text(NEEDS_REDIS)

    ended = run_planted(file, PATH=str(tmp_path))

    assert "redis-server 7 or newer is needed" in ended.stdout
    assert "apt-get install redis-server" in ended.stdout
    assert "1 error" in ended.stdout


@pytest.mark.servers
def test_nothing_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    file, url = tmp_path / "test_planted.py", tmp_path / "url"
    file.write_text(HOLDS_REDIS)
    run = subprocess.Popen(command(file), cwd=REPOSITORY, env=surroundings({}), stdout=subprocess.DEVNULL)
    _wait_until(url.exists)
    port = int(url.read_text().split(":")[2].split("/")[0])

    run.kill()
    run.wait()

    _wait_until(lambda: not answers(port))


@pytest.mark.servers
async def test_a_row_that_was_committed_survives_the_kill_of_postgres(own_postgres: Server) -> None:
    await _run_sql(own_postgres, "CREATE TABLE kept (id int)")
    await _run_sql(own_postgres, "INSERT INTO kept VALUES (7)")

    own_postgres.kill()
    own_postgres.start()

    assert await _run_sql(own_postgres, "SELECT id FROM kept") == 7


@pytest.mark.servers
@pytest.mark.parametrize(
    ("setting", "value"), [("fsync", "on"), ("synchronous_commit", "on"), ("max_connections", "200")]
)
async def test_postgres_runs_with_durable_settings(postgres_database: str, setting: str, value: str) -> None:
    connection = await asyncpg.connect(postgres_database.replace("+asyncpg", ""))
    shown = await connection.fetchval(f"SHOW {setting}")
    await connection.close()

    assert shown == value


@pytest.mark.servers
async def test_a_database_of_a_test_is_empty(postgres_database: str) -> None:
    connection = await asyncpg.connect(postgres_database.replace("+asyncpg", ""))
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()

    assert tables == 0


@pytest.mark.servers
async def test_redis_comes_back_on_the_same_address(own_redis: Server) -> None:
    before = own_redis.url

    own_redis.kill()
    own_redis.start()

    async with Client.from_url(own_redis.url) as client:
        assert await client.ping()
    assert own_redis.url == before


@pytest.mark.servers
def test_nginx_passes_on_to_its_upstream(server_run: Run, upstream: str) -> None:
    nginx = Nginx(server_run, upstream=upstream)
    nginx.start()

    connection = HTTPConnection(nginx.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/some/path?x=1")
    body = connection.getresponse().read()
    connection.close()
    nginx.stop()

    assert body == b"/some/path?x=1"


async def _run_sql(server: Server, statement: str) -> object:
    connection = await asyncpg.connect(server.url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _wait_until(happened: Callable[[], bool], *, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
