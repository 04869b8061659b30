"""What `make sbom` writes."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct, field

from tests.images.locks import pins
from tests.stacks.files import REPOSITORY

pytestmark = pytest.mark.graders


class Hash(Struct):
    content: str


class Distribution(Struct):
    hashes: list[Hash] = []


class Component(Struct):
    name: str
    version: str
    purl: str
    distributions: list[Distribution] = field(default_factory=list, name="externalReferences")


class Bill(Struct):
    components: list[Component]


def test_every_library_of_the_image_is_on_its_bill(tmp_path: Path) -> None:
    pinned = pins(REPOSITORY / "images" / "service" / "requirements.lock")

    subprocess.run(
        [
            "make",
            "--old-file=.venv/.installed",
            "sbom",
            f"BIN={Path(sys.executable).parent}",
            f"SBOM={tmp_path}/sbom.json",
        ],
        cwd=REPOSITORY,
        check=True,
    )

    bill = msgspec.json.decode((tmp_path / "sbom.json").read_bytes(), type=Bill)
    assert {one.name for one in bill.components} == set(pinned)
    assert [one.name for one in bill.components if one.purl != f"pkg:pypi/{one.name}@{one.version}"] == []
    listed = {
        one.name: {f"sha256:{each.content}" for part in one.distributions for each in part.hashes}
        for one in bill.components
    }
    assert listed == {name: set(pin.hashes) for name, (pin,) in pinned.items()}
