import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.images.locks import pins
from tests.stacks.files import REPOSITORY

EVERYTHING = REPOSITORY / "requirements.lock"
OF_THE_IMAGE = REPOSITORY / "images" / "service" / "requirements.lock"
OF_THE_GRADERS = REPOSITORY / "tests" / "graders" / "requirements.lock"


def _asked_for(extra: str = "") -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def test_the_image_is_made_of_what_is_tested() -> None:
    tested = pins(EVERYTHING)

    other = {name for name, pinned in pins(OF_THE_IMAGE).items() if pinned != tested.get(name)}

    assert other == set(), "`make lock` writes the lock of the image anew"


def test_the_image_has_what_services_run_on_and_no_tools() -> None:
    pinned = set(pins(OF_THE_IMAGE))

    assert _asked_for() <= pinned
    assert pinned & {"mypy", "pulumi", "pytest", "ruff", "uv"} == set()


@pytest.mark.parametrize("lock", [EVERYTHING, OF_THE_IMAGE, OF_THE_GRADERS], ids=lambda path: str(path.parent.name))
def test_a_lock_says_exactly_what_is_installed(lock: Path) -> None:
    found = [pin for pinned in pins(lock).values() for pin in pinned]

    assert [pin for pin in found if not pin.hashes or not re.match(r"==[^*]+; ", pin.requirement)] == []
