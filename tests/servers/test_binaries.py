from pathlib import Path

import pytest

from tests.servers.binaries import Binary, ServerMissing, version_of

ADVICE = "apt-get install it"


def program(folder: Path, name: str, output: str, status: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{output}'\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", (15, 18)),
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", (7, 0)),
        ("nginx version: nginx/1.22.1", (1, 22)),
        ("openjdk 25 2025-09-16 LTS", (25,)),
        ("no number", ()),
    ],
)
def test_a_version_is_read_from_what_the_program_says(tmp_path: Path, output: str, version: tuple[int, ...]) -> None:
    assert version_of(program(tmp_path, "server", output)) == version


def test_a_program_on_the_path_is_found(tmp_path: Path) -> None:
    path = program(tmp_path, "server", "server 7.2")

    assert Binary(name="server", at_least=(7,), advice=ADVICE).find(str(tmp_path)) == path


def test_a_newer_program_beside_the_path_is_taken_over_an_old_one_on_it(tmp_path: Path) -> None:
    program(tmp_path / "old", "server", "server 6.9")
    program(tmp_path / "7", "server", "server 7.0")
    newest = program(tmp_path / "8", "server", "server 8.0")
    server = Binary(name="server", at_least=(7,), advice=ADVICE, beside=(f"{tmp_path}/[0-9]",))

    assert server.find(str(tmp_path / "old")) == newest


def test_what_to_install_is_told_when_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ServerMissing, match=r"server 7\.2 or newer is needed and none is on the PATH.*apt-get"):
        Binary(name="server", at_least=(7, 2), advice=ADVICE).find(str(tmp_path))


def test_what_to_install_is_told_when_it_is_too_old(tmp_path: Path) -> None:
    program(tmp_path, "server", "server 6.0")

    with pytest.raises(ServerMissing, match="is older"):
        Binary(name="server", at_least=(7,), advice=ADVICE).find(str(tmp_path))
