"""Gets the graders that this machine lacks: `python -m tests.graders.provision`.

What cannot be had is said, and left to the tests to fail on. Told names, as `python -m tests.graders.provision crane`,
it gets those programs alone, and prints where they are.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.graders import python
from tests.graders.kubernetes import VERSIONS
from tests.graders.programs import GRADERS, GraderMissing
from tests.lab.building.build import Builder, BuildFailed
from tests.lab.building.toolchain import GoMissing


def provide() -> None:
    """Built and fetched once, into the cache outside the clone."""
    try:
        python.install(VERSIONS)
        Builder(os.environ, _say, GRADERS).build(GRADERS)
    except (BuildFailed, GoMissing, OSError, subprocess.CalledProcessError) as failed:
        _say(str(failed))


def get(name: str) -> Path:
    """One program or command. Raises `BuildFailed`, `GoMissing` or `GraderMissing`."""
    wanted = [one for one in GRADERS if one.name == name]
    if wanted:
        return Builder(os.environ, _say, GRADERS).build(wanted) / name
    python.install(VERSIONS)
    return python.script(name)


def _say(what: str) -> None:
    sys.stderr.write(f"graders: {what}\n")
    sys.stderr.flush()


def main(names: Sequence[str]) -> int:
    """Exit status."""
    if not names:
        provide()
        return 0
    try:
        for name in names:
            sys.stdout.write(f"{get(name)}\n")
    except (BuildFailed, GoMissing, GraderMissing) as failed:
        _say(str(failed))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
