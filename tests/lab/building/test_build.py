from pathlib import Path

import pytest

from tests.lab.building.build import Builder, BuildFailed, programs_folder
from tests.lab.building.pins import CONTROL_PLANE, MODULES, NODE, STORES, Program, pins
from tests.lab.building.toolchain import version_of

# Stands for Go where a test builds: it "compiles" by writing the package's name, and notes each call.
FAKE_GO = """#!/bin/sh
case "$1" in
    env) echo go1.99.1 ;;
    build)
        echo "$*" >> "$XDG_CACHE_HOME/calls"
        for word in "$@"; do package=$word; done
        [ "$package" = broken ] && { echo "broken.go:1: no" >&2; exit 1; }
        while [ "$1" != -o ]; do shift; done
        echo "$package" > "$2" ;;
esac
"""

ONE = Program(name="one", folder="pause", package="a/one")
BROKEN = Program(name="broken", folder="pause", package="broken")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(FAKE_GO)
    go.chmod(0o755)
    return {"XDG_CACHE_HOME": str(tmp_path), "PATH": f"{go.parent}:/usr/bin:/bin"}


def calls(environment: dict[str, str]) -> int:
    return len((Path(environment["XDG_CACHE_HOME"]) / "calls").read_text().splitlines())


def test_every_program_has_pins_with_checksums() -> None:
    for program in (*NODE, *STORES, *CONTROL_PLANE):
        assert (MODULES / program.folder / "go.mod").exists(), program.name
        assert (MODULES / program.folder / "go.sum").exists() or program.name == "pause"


def test_other_pins_are_built_elsewhere(tmp_path: Path) -> None:
    for folder in (ONE.folder, "unused"):
        (tmp_path / folder).mkdir()
    (tmp_path / ONE.folder / "go.mod").write_text("module one\n")
    first = pins([ONE], tmp_path)
    (tmp_path / "unused" / "go.mod").write_text("module unused\n")
    unused = pins([ONE], tmp_path)

    (tmp_path / ONE.folder / "go.mod").write_text("module two\n")

    assert unused == first
    assert len({first, pins([ONE], tmp_path), pins([BROKEN], tmp_path)}) == 3


@pytest.mark.embedded
def test_a_program_is_built_once(environment: dict[str, str]) -> None:
    told: list[str] = []

    folders = [Builder(environment, told.append).build([ONE]) for _ in range(2)]

    assert folders == [programs_folder(environment)] * 2
    assert (folders[0] / "one").read_text() == "a/one\n"
    assert calls(environment) == 1
    assert told[0] == "building one from its Go module, 1 of 1"


@pytest.mark.embedded
def test_a_build_that_failed_says_why_and_keeps_what_was_built(environment: dict[str, str]) -> None:
    builder = Builder(environment, lambda _: None)

    with pytest.raises(BuildFailed, match=r"broken\.go:1: no"):
        builder.build([ONE, BROKEN])

    builder.build([ONE])
    assert calls(environment) == 2
    assert {path.name for path in programs_folder(environment).iterdir()} == {"one"}


@pytest.mark.embedded
def test_what_is_no_go_has_no_version(tmp_path: Path) -> None:
    assert version_of(tmp_path / "nothing") == ()
    assert version_of(Path("/bin/true")) == ()
