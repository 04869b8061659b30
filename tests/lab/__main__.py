"""`python -m tests.lab up|cluster|down|status|env`: what `make lab` and `make lab-down` run.

`cluster` is what `up` begins with: a Kubernetes and an engine, without Souk. `env` prints what a shell needs:
eval "$(python -m tests.lab env)".
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence

from tests.lab.building.build import BuildFailed
from tests.lab.building.toolchain import GoMissing
from tests.lab.cluster.packages import PackagesMissing
from tests.lab.cluster.processes import ProcessFailed
from tests.lab.engine.refusal import Refused
from tests.lab.kubernetes.awaiting import NotReady
from tests.lab.kubernetes.cluster import ServerRefused
from tests.lab.lab import Lab, LabImpossible
from tests.lab.souk.installation import GATEWAY, Installation
from tests.lab.souk.platform import PlatformFailed
from tests.lab.terminal import CommandFailed

_EXPECTED = (
    BuildFailed,
    CommandFailed,
    GoMissing,
    LabImpossible,
    NotReady,
    PackagesMissing,
    PlatformFailed,
    ProcessFailed,
    Refused,
    ServerRefused,
    subprocess.CalledProcessError,
)


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 when it failed, 2 when the command is unknown, 3 when the lab does not run."""
    lab = Lab(os.environ, _say)
    commands: dict[str, Callable[[Lab], int]] = {
        "up": _up,
        "cluster": _cluster,
        "down": _down,
        "status": _status,
        "env": _env,
    }
    if len(arguments) != 1 or arguments[0] not in commands:
        _say(f"python -m tests.lab {'|'.join(commands)}")
        return 2
    try:
        return commands[arguments[0]](lab)
    except _EXPECTED as failed:
        _say(str(failed))
        return 1


def _up(lab: Lab) -> int:
    _cluster(lab)
    if lab.is_given:
        _say("the cluster is a given one: `pulumi up` brings Souk there, with images from a registry that it reaches")
        return 0
    souk = Installation(lab, _say)
    changes = souk.up()
    _say(", ".join(f"{count} resources: {kind}" for kind, count in sorted(changes.items())))
    _say(f"Souk runs on {GATEWAY}; somebody came, and the order of what they bought is {souk.smoke()}")
    return 0


def _cluster(lab: Lab) -> int:
    lab.up()
    _say('the lab runs; work in it after: eval "$(python -m tests.lab env)"')
    return 0


def _down(lab: Lab) -> int:
    lab.down()
    _say("the lab is gone")
    return 0


def _status(lab: Lab) -> int:
    running = lab.status()
    for name, is_running in running.items():
        _say(f"{name}: {'runs' if is_running else 'does not run'}")
    needed = [is_running for name, is_running in running.items() if name != "docker"]
    return 0 if all(needed) else 3


def _env(lab: Lab) -> int:
    for name, value in lab.variables().items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"lab: {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
