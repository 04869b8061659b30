"""`python -m tests.lab.engine.alone` makes sure of a Pulumi engine, and prints what a shell needs to use it.

An engine needs no cluster to render a stack, and neither root nor Linux to be built.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.lab.building.build import Builder, cache_folder
from tests.lab.building.pins import ENGINE
from tests.lab.engine.plugins import assemble, official_cli, pulumi_home


def prepare(environment: Mapping[str, str], tell: Callable[[str], None], folder: Path | None = None) -> dict[str, str]:
    """Variables; what the machine has already is used, and the rest is built once.

    `folder` is for programs that run this clone's host and plugins, whatever another clone does meanwhile.
    """
    place = cache_folder(environment) / "engine"
    folder, home = folder or place / "bin", pulumi_home(environment, place / "pulumi")
    cli = official_cli(folder) or Builder(environment, tell).build(ENGINE) / "pulumi"
    home.mkdir(parents=True, exist_ok=True)
    assemble(folder, cli, home, tell)
    return {"PATH": f"{folder}{os.pathsep}{environment.get('PATH', os.defpath)}", "PULUMI_HOME": str(home)}


def _say(what: str) -> None:
    sys.stderr.write(f"engine: {what}\n")


if __name__ == "__main__":
    for name, value in prepare(os.environ, _say).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
