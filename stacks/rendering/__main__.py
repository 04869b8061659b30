"""`python -m stacks.rendering prod deploy/prod --service-image … --client-image … --repository https://…`."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from stacks.configuration.reading import WrongConfiguration, read
from stacks.rendering.engine import REPOSITORY, render
from stacks.rendering.files import files_of, write
from stacks.rendering.gitops import Repository
from stacks.rendering.steps import arrange
from stacks.rendering.values import Choices, Unrenderable, values_for


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, or 1 when the stack cannot be rendered."""
    asked = _parse(arguments)
    choices = Choices(store=asked.store, service_image=asked.service_image, client_image=asked.client_image)
    try:
        values = values_for(asked.stack, REPOSITORY / f"Pulumi.{asked.stack}.yaml", choices)
        configuration = read({key: msgspec.json.encode(value).decode() for key, value in values.items()})
        with tempfile.TemporaryDirectory() as scratch:
            manifests = render(asked.stack, values, Path(scratch))
        placed = arrange(manifests, keep=configuration.environment.protect)
    except (OSError, Unrenderable, WrongConfiguration) as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    write(Path(asked.out), files_of(asked.stack, placed, _repository(asked)))
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stacks.rendering", description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("out", help="the folder to render into")
    parser.add_argument("--store", default="souk", help="the ClusterSecretStore, where the stack names none itself")
    parser.add_argument("--service-image", help="by digest, where the stack builds it")
    parser.add_argument("--client-image", help="by digest, where the stack builds it")
    parser.add_argument("--repository", help="URL of the Git repository that will hold the folder")
    parser.add_argument("--at", help="path of the folder in that repository; OUT if not given")
    parser.add_argument("--revision", default="main")
    return parser.parse_args(arguments)


def _repository(asked: argparse.Namespace) -> Repository | None:
    if not asked.repository:
        return None
    return Repository(url=asked.repository, path=(asked.at or asked.out).strip("/"), revision=asked.revision)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
