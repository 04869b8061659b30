import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.engine.lacking import LACKING
from tests.engine.lives import Life, Lives, live
from tests.engine.project import Environment, Project
from tests.lab.control_plane.plane import ControlPlane, control_plane
from tests.lab.engine.alone import prepare
from tests.lab.terminal import Terminal
from tests.stacks.files import REPOSITORY, STACKS

COMMAND_S = 600.0
"""Of a machine that has other things to do; an idle one needs a twentieth."""


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """Shared: environments have prefixes of their own."""
    try:
        with control_plane(os.environ, _say) as plane:
            yield plane
    except LACKING as lacking:
        pytest.fail(f"the control plane of this tier cannot run: {lacking}", pytrace=False)


@pytest.fixture(scope="session")
def terminal(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """Has a Pulumi engine, whose stacks are kept in a folder."""
    own = {
        **_engine(tmp_path_factory.mktemp("engine") / "bin"),
        "KUBECONFIG": str(plane.kubeconfig),
        "PULUMI_BACKEND_URL": f"file://{tmp_path_factory.mktemp('states')}",
        "PULUMI_CONFIG_PASSPHRASE": "of a test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # As an installed project is found by a program and its policies, wherever they are started.
        "PYTHONPATH": str(REPOSITORY),
    }
    return Terminal({**os.environ, **own}, COMMAND_S)


@pytest.fixture(scope="session")
def project(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("souk") / "project", terminal)


@pytest.fixture(scope="session")
def begun(project: Project) -> Mapping[str, Environment]:
    """The stacks of the repository."""
    return {stack: project.begin(stack, like=stack) for stack in STACKS}


@pytest.fixture(scope="session")
def lives(begun: Mapping[str, Environment], plane: ControlPlane) -> Iterator[Lives]:
    """Of the stacks of the repository, side by side; whoever asks first begins them."""
    with ThreadPoolExecutor(len(begun)) as pool:
        yield {
            stack: pool.submit(live, environment, plane, prefix=f"life-{stack}") for stack, environment in begun.items()
        }


@pytest.fixture(params=STACKS)
def life(lives: Lives, request: pytest.FixtureRequest) -> Life:
    """Of each stack of the repository, when it is over."""
    stack: str = request.param
    return lives[stack].result()


def _engine(folder: Path) -> Mapping[str, str]:
    try:
        return prepare(os.environ, _say, folder)
    except LACKING as lacking:
        pytest.fail(f"the Pulumi engine of this tier cannot run: {lacking}", pytrace=False)


def _say(what: str) -> None:
    sys.stderr.write(f"engine: {what}\n")
