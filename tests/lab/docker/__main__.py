"""The plugin as a process: on the PATH as `pulumi-resource-docker`, started by the engine in the program's folder."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.lab.docker.daemon import Daemon
from tests.lab.docker.provider import Provider
from tests.lab.engine.log import EngineLog
from tests.lab.engine.plugin import engine_address, serve_plugin


def main(arguments: Sequence[str]) -> None:
    """Those of the process."""
    serve_plugin(Provider(Daemon(os.environ), Path.cwd(), EngineLog(engine_address(arguments))))


if __name__ == "__main__":
    main(sys.argv[1:])
