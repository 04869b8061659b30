"""Dockerfiles, as hadolint grades them."""

import subprocess
from pathlib import Path

import pytest

from tests.graders.python import script
from tests.stacks.files import REPOSITORY

pytestmark = pytest.mark.graders

DOCKERFILES = sorted(path.relative_to(REPOSITORY) for path in (REPOSITORY / "images").rglob("Dockerfile*"))


def _graded(dockerfile: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([script("hadolint"), dockerfile], cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=str)
def test_hadolint_has_nothing_to_say(dockerfile: Path) -> None:
    done = _graded(dockerfile)

    assert (done.returncode, done.stdout) == (0, "")


def test_every_image_is_graded() -> None:
    assert {path.parent.name for path in DOCKERFILES} >= {"service", "postgres-client"}


def test_a_bad_dockerfile_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "Dockerfile"
    planted.write_text("FROM debian\nRUN apt-get install curl\n")

    assert "DL3006" in _graded(planted).stdout
