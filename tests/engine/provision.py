"""Builds what the engine's tier runs, with its progress shown: `python -m tests.engine.provision`.

What cannot be had is said, and left to the tests to fail on.
"""

import os
import sys

from tests.engine.lacking import LACKING
from tests.lab.building.build import Builder
from tests.lab.building.pins import CONTROL_PLANE
from tests.lab.control_plane.definitions import definitions
from tests.lab.engine.alone import prepare


def main() -> None:
    """Nothing is done twice."""
    try:
        Builder(os.environ, _say, CONTROL_PLANE).build(CONTROL_PLANE)
        definitions(os.environ, _say)
        prepare(os.environ, _say)
    except LACKING as lacking:
        _say(str(lacking))


def _say(what: str) -> None:
    sys.stderr.write(f"engine: {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
