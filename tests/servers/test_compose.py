from pathlib import Path

import pytest

from tests.planted import REPOSITORY
from tests.servers.binaries import ServerMissing
from tests.servers.compose import Composed, check_docker
from tests.servers.fleet import KINDS
from tests.servers.program import ServerFailed
from tests.servers.run import Run


def docker(folder: Path, script: str) -> str:
    """A program of that name that writes down how it was called."""
    path = folder / "docker"
    path.write_text(f'#!/bin/sh\necho "$SOUK_REDIS_PORT $*" >> {folder}/calls\n{script}\n')
    path.chmod(0o755)
    return str(path)


def test_docker_without_a_daemon_does_not_count(tmp_path: Path) -> None:
    docker(tmp_path, 'test "$1" = compose')

    with pytest.raises(ServerMissing, match="docker info"):
        check_docker(str(tmp_path))


@pytest.mark.embedded
def test_a_server_is_brought_up_on_its_own_port_and_taken_down_with_the_run(tmp_path: Path) -> None:
    program = docker(tmp_path, "exit 0")

    with Run() as run:
        server = Composed(run, "redis", "redis://127.0.0.1:{port}/0", docker=program)
        server.start()
        server.kill()

    port = server.url.split(":")[2].removesuffix("/0")
    up, kill, down = (tmp_path / "calls").read_text().splitlines()
    assert up.startswith(f"{port} compose --file {REPOSITORY}/compose.yaml --project-name souk-")
    assert up.endswith(" up --detach --wait redis")
    assert kill.endswith(" kill redis")
    assert down.endswith(" down --volumes --timeout 1")


@pytest.mark.embedded
def test_what_docker_says_is_told_when_a_server_does_not_come_up(tmp_path: Path) -> None:
    program = docker(tmp_path, "echo no space left >&2; exit 1")

    with Run() as run, pytest.raises(ServerFailed, match="no space left"):
        Composed(run, "redis", "redis://127.0.0.1:{port}/0", docker=program).start()


@pytest.mark.parametrize("name", KINDS)
def test_the_file_offers_every_server_on_a_port_that_can_be_chosen(name: str) -> None:
    text = (REPOSITORY / "compose.yaml").read_text()

    assert f"\n  {name}:\n" in text
    assert f'"127.0.0.1:${{SOUK_{name.upper()}_PORT:-' in text
