"""Gets the graders that this machine lacks: `python -m tests.graders.provision`.

What cannot be had is said, and left to the tests to fail on.
"""

import os
import subprocess
import sys

from tests.graders import python
from tests.graders.kubernetes import VERSIONS
from tests.graders.programs import GRADERS
from tests.lab.building.build import Builder, BuildFailed
from tests.lab.building.toolchain import GoMissing


def provide() -> None:
    """Built and fetched once, into the cache outside the clone."""
    try:
        python.install(list(VERSIONS))
        Builder(os.environ, _say, GRADERS).build(GRADERS)
    except (BuildFailed, GoMissing, OSError, subprocess.CalledProcessError) as failed:
        _say(str(failed))


def _say(what: str) -> None:
    sys.stdout.write(f"graders: {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    provide()
