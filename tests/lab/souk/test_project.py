import sys
from pathlib import Path

import msgspec
import pytest
import yaml

from stacks.configuration.reading import read
from stacks.configuration.shape import Built, Configuration, Prometheus
from tests.lab.souk import project
from tests.lab.souk.stores import STORES
from tests.stacks.files import secrets

IMAGES = {store: f"docker.io/souk-lab/{store}@sha256:{'0' * 64}" for store in STORES}


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    given = project.configuration(IMAGES)["config"]
    assert isinstance(given, dict)
    texts = {key: msgspec.json.encode(value).decode() for key, value in given.items()}
    return read({**texts, "souk:secrets": msgspec.json.encode(secrets()).decode()})


def test_the_lab_is_dev_with_images_of_its_own(configuration: Configuration) -> None:
    assert configuration.environment.protect is False
    assert configuration.services.database_pool == 4
    assert configuration.upstream.instead == IMAGES
    assert isinstance(configuration.images, Built)
    assert configuration.images.push is True


def test_the_lab_watches_with_what_packages_have(configuration: Configuration) -> None:
    assert isinstance(configuration.monitoring, Prometheus)
    assert configuration.monitoring.dashboards is False


def test_what_is_told_otherwise_wins_and_the_rest_stays() -> None:
    merged = project.over({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": [2]})

    assert merged == {"a": {"b": 3, "c": 2}, "d": [2]}


def test_secrets_outlive_another_configuration(tmp_path: Path) -> None:
    project.write(tmp_path, {})
    file = tmp_path / "Pulumi.lab.yaml"
    written = yaml.safe_load(file.read_text())
    written["encryptionsalt"] = "v1:salt"
    written["config"]["souk:secrets"] = {"secure": "v1:sealed"}
    file.write_text(yaml.safe_dump(written))

    project.write(tmp_path, IMAGES)

    kept = yaml.safe_load(file.read_text())
    assert kept["encryptionsalt"] == "v1:salt"
    assert kept["config"]["souk:secrets"] == {"secure": "v1:sealed"}
    assert project.has_secrets(tmp_path)


def test_the_program_is_the_repositorys_own(tmp_path: Path) -> None:
    project.write(tmp_path, {})

    written = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())
    assert (Path(written["main"]) / "__main__.py").is_file()
    assert written["runtime"]["options"]["virtualenv"] == sys.prefix
    assert not project.has_secrets(tmp_path)
