import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.ids import uuid7
from tests.lab.lab import Lab
from tests.lab.souk.installation import Installation
from tests.lab.terminal import Kubectl, Stack, Terminal


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Running; ended afterwards if it did not run before."""
    lab = Lab(os.environ, _say)
    ran_before = all(running for name, running in lab.status().items() if name != "docker")
    lab.up()
    yield lab
    if not ran_before:
        lab.down()


@pytest.fixture
def terminal(lab: Lab) -> Terminal:
    """Commands that run in the lab."""
    return Terminal({**os.environ, **lab.variables()})


@pytest.fixture(scope="session")
def souk(lab: Lab) -> Installation:
    """All of Souk, as it is now in the repository; brought up once."""
    if lab.is_given:
        pytest.skip("images are brought to the lab's own node alone")
    installation = Installation(lab, _say)
    installation.up()
    return installation


@pytest.fixture
def namespace(terminal: Terminal) -> Iterator[Kubectl]:
    """A namespace of the test's own."""
    name = f"test-{uuid7().hex[-10:]}"
    kubectl = Kubectl(terminal, name)
    kubectl("create", "namespace", name)
    yield kubectl
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def stack(terminal: Terminal, tmp_path: Path) -> Iterator[Stack]:
    """An empty Pulumi project of the test's own; destroyed afterwards, whatever is left in it."""
    stack = Stack(terminal, tmp_path)
    stack.begin()
    yield stack
    stack.end()


def _say(what: str) -> None:
    sys.stderr.write(f"lab: {what}\n")
