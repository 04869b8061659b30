"""Runs one Pulumi program for the language host: `python -m tests.lab.engine.program`.

The Pulumi CLI of a release brings a script that does the same; it is in no package registry.
"""

import argparse
import asyncio
import logging
import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import pulumi
from pulumi.runtime import Settings, configure, run_in_stack
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env, set_all_config

ERROR_IS_SHOWN = 32
"""Exit status of a program whose error the engine has been told already."""


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, `ERROR_IS_SHOWN`, or 1 when a resource failed, which the engine knows itself."""
    asked = _parse(arguments)
    set_all_config(get_config_env(), get_config_secret_keys_env())
    configure(
        Settings(
            monitor=asked.monitor,
            engine=asked.engine,
            project=asked.project,
            stack=asked.stack,
            organization=asked.organization,
            root_directory=asked.root,
            parallel=asked.parallel,
            dry_run=asked.dry_run,
        )
    )
    # A program that fails leaves outputs that nobody awaits; asyncio's complaints would hide the error itself.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    return _run(asked.program)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("monitor", "engine", "project", "stack", "organization", "root"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--parallel", type=int, default=0)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("program")
    return parser.parse_args(arguments)


def _run(program: str) -> int:
    # The program's own modules are beside it, as if it had been started by its path; this script's are not its.
    path = Path(program)
    sys.path[0] = str(path if path.is_dir() else path.parent)
    sys.argv = [program]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def run() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(run_in_stack(run))
    except pulumi.RunError as refused:
        pulumi.log.error(str(refused))
        return 1
    except KeyboardInterrupt:
        return 1  # The engine cancels, and says so itself.
    except Exception:  # noqa: BLE001 - whatever a program raises is shown as its failure.
        pulumi.log.error(f"Program failed with an unhandled exception:\n{traceback.format_exc()}")
        return ERROR_IS_SHOWN
    finally:
        loop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
