"""Digests of images, asked of a registry on loopback by the program that asks real ones."""

import hashlib
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacks.pinning import NotAnswered, NothingPinned, asking, digests
from tests.graders.programs import program
from tests.servers.ports import answers, free_port

pytestmark = pytest.mark.graders

SOON_S = 20


@pytest.fixture
def registry() -> Iterator[str]:
    port = free_port()
    command = [program("crane"), "registry", "serve", "--address", f"127.0.0.1:{port}"]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as serving:
        until = time.monotonic() + SOON_S
        while not answers(port) and time.monotonic() < until:
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
        serving.terminate()


def _push(reference: str, folder: Path) -> None:
    layer = folder / "layer.tar"
    (folder / "hello").write_text(reference)
    with tarfile.open(layer, "w") as archive:
        archive.add(folder / "hello", "hello")
    subprocess.run(
        [program("crane"), "append", "--new_layer", layer, "--new_tag", reference], check=True, capture_output=True
    )


def test_a_tag_is_pinned_to_what_the_registry_has_under_it(registry: str, tmp_path: Path) -> None:
    ask, reference = asking(str(program("crane"))), f"{registry}/souk/thing:1.0"
    _push(reference, tmp_path)

    digest = ask(reference)

    manifest = subprocess.run(
        [program("crane"), "manifest", f"{reference}@{digest}"], check=True, capture_output=True
    ).stdout
    assert digest == f"sha256:{hashlib.sha256(manifest).hexdigest()}"


def test_a_tag_that_is_not_there_leaves_all_unpinned(registry: str, tmp_path: Path) -> None:
    there, lost = f"{registry}/souk/thing:1.0", f"{registry}/souk/thing:2.0"
    _push(there, tmp_path)

    with pytest.raises(NothingPinned, match=lost):
        digests([there, lost], asking(str(program("crane"))))


def test_where_no_registry_answers_that_is_said() -> None:
    with pytest.raises(NotAnswered, match=r"souk/thing:1\.0: .*refused"):
        asking(str(program("crane")))(f"127.0.0.1:{free_port()}/souk/thing:1.0")
