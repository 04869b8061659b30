import json
from pathlib import Path

import pytest

from tests.lab.docker.images import build_command, image, login, outputs
from tests.lab.docker.provider import differing
from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Object, secret


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "full", "repository"),
    [
        ("souk/api:1", "docker.io/souk/api:1", "docker.io/souk/api"),
        ("redis", "docker.io/library/redis:latest", "docker.io/library/redis"),
        ("localhost:5000/api:2", "localhost:5000/api:2", "localhost:5000/api"),
        ("registry.example/souk/api", "registry.example/souk/api:latest", "registry.example/souk/api"),
    ],
)
def test_a_name_is_completed_as_a_node_would(folder: Path, name: str, full: str, repository: str) -> None:
    found = image({"imageName": name}, folder)

    assert (found.full_name, found.repository) == (full, repository)


def test_what_the_program_says_is_said_to_docker(folder: Path) -> None:
    build: Object = {
        "context": ".",
        "dockerfile": "images/Dockerfile",
        "args": {"BASE_IMAGE": "base:1"},
        "target": "api",
        "addHosts": ["a:1"],
        "cacheFrom": {"images": ["souk/api:0"]},
    }

    said = " ".join(build_command(image({"imageName": "souk/api:1", "build": build}, folder), network="host"))

    assert said == (
        f"docker build --file {folder}/images/Dockerfile --tag docker.io/souk/api:1 --target api --network host"
        f" --build-arg BASE_IMAGE=base:1 --cache-from souk/api:0 --add-host a:1 {folder}"
    )


def test_a_network_that_the_program_names_is_taken(folder: Path) -> None:
    wanted = image({"imageName": "api", "build": {"network": "none"}}, folder)

    assert "none" in build_command(wanted, network="host")
    assert "host" not in build_command(wanted, network="host")


def test_a_dockerfile_that_is_not_there_is_refused_by_its_path(folder: Path) -> None:
    with pytest.raises(Refused, match=r"no Dockerfile .*/nowhere/Dockerfile"):
        image({"imageName": "api", "build": {"context": "nowhere"}}, folder)


def test_a_password_is_in_the_login_and_not_in_the_command(folder: Path) -> None:
    registry: Object = {"server": "registry.example", "username": "ci", "password": secret("hunter2")}
    wanted = image({"imageName": "registry.example/api", "registry": registry}, folder)

    assert json.loads(login(wanted)) == {"auths": {"registry.example": {"auth": "Y2k6aHVudGVyMg=="}}}
    assert not any("hunter2" in word for word in build_command(wanted))
    assert "hunter2" not in str(outputs(wanted, {"imageName": "registry.example/api"}, "sha256:1"))


def test_renewed_credentials_make_no_other_image() -> None:
    old: Object = {"imageName": "api", "registry": {"server": "a", "password": "1"}}

    assert differing(old, {"imageName": "api", "registry": {"server": "a", "password": "2"}}) == []
    assert differing(old, {"imageName": "api", "registry": {"server": "b", "password": "1"}}) == ["registry"]


def test_a_changed_context_makes_another_image() -> None:
    old: Object = {"build": {"contextDigest": "sha256:1"}}

    assert differing(old, {"build": {"contextDigest": "sha256:2"}}) == ["build"]
