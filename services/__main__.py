"""The command line: `python -m services --help`.

A process imports only what it runs, which is why imports stand in the functions that need them.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import uvloop

from services.chassis.memory import stay_small
from services.chassis.settings import CannotStart, WrongSettings
from services.launch.names import ROLES, RUNNABLE

CONFIGURATION_ERROR = 78
"""EX_CONFIG of sysexits.h."""

INTERRUPTED = 130
"""As shells tell of SIGINT."""
PORT_MOST = 65_535

OPERATIONS = {
    "migrate": "bring SOUK_DATABASE_URL to the newest schema of a service",
    "dead": "list the messages that a service has given up",
    "redrive": "give a service its dead messages once more",
    "replay": "publish the last 7 days of a service's events once more, after a broker has lost its data",
}

Work = Callable[[argparse.Namespace], Awaitable[None]]


async def _run(wanted: argparse.Namespace) -> None:
    from services.launch.demonstration import Wanted, run

    await run(Wanted(data=wanted.data, host=wanted.host, port=wanted.port, seeded=not wanted.empty))


async def _seed(wanted: argparse.Namespace) -> None:
    from services.launch.demonstration import seed

    await seed(wanted.gateway)


async def _operate(wanted: argparse.Namespace) -> None:
    from services.launch.operations import operate

    await operate(wanted.operation, wanted.service, os.environ)


async def _downgrade(wanted: argparse.Namespace) -> None:
    from services.launch.operations import downgrade_service

    await downgrade_service(wanted.service, wanted.revision, os.environ)


async def _add_key(wanted: argparse.Namespace) -> None:
    from services.chassis.identity.keys import make_key

    sys.stdout.write(f"{make_key(wanted.folder)}\n")


async def _serve(wanted: argparse.Namespace) -> None:
    from services.launch.single import run_service

    await run_service(wanted.service, wanted.role, os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services", description="Souk, a marketplace many sellers share.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _describe_run(commands.add_parser("run", help="all of Souk in this process, on SQLite files"))
    seed = commands.add_parser("seed", help="make the demonstration shop on a running, empty Souk")
    seed.add_argument("gateway", metavar="URL", help="its gateway, such as http://127.0.0.1:8000")
    seed.set_defaults(work=_seed)
    for name, about in OPERATIONS.items():
        command = commands.add_parser(name, help=about)
        command.add_argument("service", choices=RUNNABLE)
        command.set_defaults(work=_operate, operation=name)
    back = commands.add_parser("downgrade", help="take a service's schema back; what later revisions brought is gone")
    back.add_argument("service", choices=RUNNABLE)
    back.add_argument("revision", help="such as 0002, or base for the empty database")
    back.set_defaults(work=_downgrade)
    key = commands.add_parser("new-key", help="add a signing key to a folder; it takes over 30 s later")
    key.add_argument("folder", type=Path)
    key.set_defaults(work=_add_key)
    for name in RUNNABLE:
        service = commands.add_parser(name, help=f"run {name} against real servers; settings are SOUK_* variables")
        service.add_argument("role", choices=ROLES)
        service.set_defaults(work=_serve, service=name)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > PORT_MOST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port: a number from 0, which takes a free one, to {PORT_MOST}"
        )
    return int(text)


def _describe_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--port", type=_port, default=8000, help="where to listen (default: 8000)")
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    run.add_argument("--data", type=Path, default=Path("var"), help="folder of the data (default: var)")
    run.add_argument("--empty", action="store_true", help="start without the demonstration shop")
    run.set_defaults(work=_run)


async def _do(work: Work, wanted: argparse.Namespace) -> None:
    await work(wanted)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 could not start, 2 wrong usage, 78 wrong settings, 130 ended by a second Ctrl-C."""
    stay_small()
    wanted = _parser().parse_args(arguments)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_do(wanted.work, wanted))
    except WrongSettings as wrong:
        sys.stderr.write(f"wrong settings:\n{wrong}\n")
        return CONFIGURATION_ERROR
    except CannotStart as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
