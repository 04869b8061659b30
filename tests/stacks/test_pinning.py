from pathlib import Path

import msgspec
import pytest

from stacks.pinning import NotAnswered, NothingPinned, asking, digests, write
from stacks.upstream import USUAL, base_of, pinned
from tests.stacks.files import REPOSITORY

DIGEST = "sha256:" + "ab" * 32
ONE, OTHER = "docker.io/library/redis:7.4.5", "quay.io/some/thing:1.0"


def _program(folder: Path, script: str) -> str:
    program = folder / "crane"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_every_image_is_asked_for_once() -> None:
    asked: list[str] = []

    def ask(reference: str) -> str:
        asked.append(reference)
        return DIGEST

    found = digests([OTHER, ONE, ONE], ask)

    assert asked == [ONE, OTHER]
    assert found == {ONE: DIGEST, OTHER: DIGEST}


def test_one_image_without_an_answer_leaves_all_unpinned() -> None:
    def ask(reference: str) -> str:
        if reference == OTHER:
            raise NotAnswered(f"{reference}: no route to host")
        return DIGEST

    with pytest.raises(NothingPinned, match=r"^quay.io/some/thing:1.0: no route to host$"):
        digests([ONE, OTHER], ask)


def test_digests_replace_those_of_before(tmp_path: Path) -> None:
    lock = tmp_path / "images.lock.json"
    lock.write_text('{"gone:1.0": "sha256:0"}')

    write({ONE: DIGEST}, lock)

    assert msgspec.json.decode(lock.read_bytes()) == {ONE: DIGEST}
    assert [path.name for path in tmp_path.iterdir()] == [lock.name]


@pytest.mark.embedded
def test_what_the_program_says_is_passed_on(tmp_path: Path) -> None:
    ask = asking(_program(tmp_path, "echo 'trying' >&2; echo 'Error: no such host' >&2; exit 1"))

    with pytest.raises(NotAnswered, match=r"^docker.io/library/redis:7.4.5: Error: no such host$"):
        ask(ONE)


@pytest.mark.embedded
@pytest.mark.parametrize("said", ["", "sha256:abc", "latest"])
def test_what_is_no_digest_is_not_taken_for_one(said: str, tmp_path: Path) -> None:
    ask = asking(_program(tmp_path, f"echo '{said}'"))

    with pytest.raises(NotAnswered, match="is no digest"):
        ask(ONE)


@pytest.mark.embedded
def test_a_program_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(NotAnswered, match="No such file"):
        asking(str(tmp_path / "nothing"))(ONE)


def test_an_image_is_used_by_its_digest_once_that_is_known(tmp_path: Path) -> None:
    lock = tmp_path / "images.lock.json"
    write({ONE: DIGEST}, lock)

    assert pinned(ONE, lock) == f"{ONE}@{DIGEST}"
    assert pinned(OTHER, lock) is None


def test_every_dockerfile_names_an_exact_base() -> None:
    bases = [base_of(path) for path in (REPOSITORY / "images").rglob("Dockerfile")]

    assert len(bases) >= 2
    assert [base for base in bases if not base.startswith("docker.io/") or ":" not in base] == []


def test_whatever_is_pinned_is_what_is_used() -> None:
    used = {*USUAL.values(), *(base_of(path) for path in (REPOSITORY / "images").rglob("Dockerfile"))}

    assert set(msgspec.json.decode((REPOSITORY / "stacks" / "images.lock.json").read_bytes())) - used == set()
