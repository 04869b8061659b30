"""The stacks as `make render` would write them, without an engine; `python -m tests.stacks.rendered` renews the golden
ones.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from stacks.composing import compose
from stacks.configuration.reading import read
from stacks.configuration.shape import Configuration
from stacks.rendering.files import files_of, write
from stacks.rendering.gitops import Repository
from stacks.rendering.steps import Manifest, Placed, arrange
from stacks.rendering.values import Choices, values_for
from tests.infra.engine import Declarations, declare
from tests.stacks.files import REPOSITORY, STACKS

GOLDEN = Path(__file__).parent / "golden"
DIGEST = "sha256:" + "0" * 64
CHOICES = Choices(
    store="souk",
    service_image=f"registry.example.com/souk/service@{DIGEST}",
    client_image=f"registry.example.com/souk/postgres-client@{DIGEST}",
)


def values_of(stack: str) -> Mapping[str, object]:
    return values_for(stack, REPOSITORY / f"Pulumi.{stack}.yaml", CHOICES)


def configuration_of(stack: str) -> Configuration:
    return read({key: msgspec.json.encode(value).decode() for key, value in values_of(stack).items()})


@cache
def declared(stack: str) -> Declarations:
    configuration = configuration_of(stack)
    return declare(lambda: compose(stack, configuration), stack=stack)


def placed(stack: str) -> list[Placed]:
    manifests: list[Manifest] = [dict(one.inputs) for one in declared(stack).objects()]
    return arrange(manifests, keep=configuration_of(stack).environment.protect)


def repository_of(stack: str) -> Repository:
    return Repository(url="https://git.example.com/souk/environments.git", path=f"stacks/{stack}")


def rendered(stack: str) -> dict[str, str]:
    return files_of(stack, placed(stack), repository_of(stack))


def kept(stack: str) -> dict[str, str]:
    """The golden files, by path."""
    folder = GOLDEN / stack
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.yaml")}


if __name__ == "__main__":
    for each in STACKS:
        write(GOLDEN / each, rendered(each))
