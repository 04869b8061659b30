import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.engine.alone import prepare
from tests.stacks.files import REPOSITORY, STACKS
from tests.stacks.rendered import CHOICES, kept, repository_of

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    python = Path(sys.executable).parent
    variables = prepare(os.environ, lambda _: None)
    return {**os.environ, **variables, "PATH": f"{python}{os.pathsep}{variables['PATH']}"}


@pytest.mark.parametrize("stack", STACKS)
def test_the_engine_writes_the_golden_stack_byte_for_byte(
    stack: str, environment: dict[str, str], tmp_path: Path
) -> None:
    own = (REPOSITORY / f"Pulumi.{stack}.yaml").read_bytes()
    repository = repository_of(stack)
    images = ["--service-image", str(CHOICES.service_image), "--client-image", str(CHOICES.client_image)]
    place = ["--repository", repository.url, "--at", repository.path]
    command = [sys.executable, "-m", "stacks.rendering", stack, str(tmp_path), *images, *place]

    subprocess.run(command, env=environment, check=True, timeout=600, cwd=REPOSITORY)

    written = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.yaml")}
    assert written == kept(stack)
    assert (REPOSITORY / f"Pulumi.{stack}.yaml").read_bytes() == own
