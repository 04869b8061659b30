"""Puts a Pulumi engine together: the official CLI and plugins where they are, what is built and written here else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

_PROJECT = Path(__file__).parents[3]
_INSTALL_S = 60.0

HOST = ("pulumi-language-python", "tests.lab.engine.language_host")
STAND_INS: Mapping[str, str] = {"docker": "tests.lab.docker", "kubernetes": "tests.lab.kubernetes"}


def official_cli(own: Path) -> Path | None:
    """One on the PATH that is not the lab's, with the language host beside it that a release brings."""
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder) != own]
    found = shutil.which("pulumi", path=os.pathsep.join(folders))
    return Path(found) if found and Path(found).resolve().with_name(HOST[0]).exists() else None


def assemble(folder: Path, pulumi: Path, home: Path, tell: Callable[[str], None]) -> None:
    """Fill the folder, which goes in front of the PATH, with what the machine does not have already.

    Safe while an engine runs out of it: what stays is replaced in one step.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if official_cli(folder) is None:
        _link(folder / "pulumi", pulumi)
        _script(folder / HOST[0], HOST[1])
    for name, module in STAND_INS.items():
        plugin = folder / f"pulumi-resource-{name}"
        if _has_official(name, pulumi, home):
            plugin.unlink(missing_ok=True)
        else:
            tell(f"the official {name} plugin is not to be had, so a stand-in is used")
            _script(plugin, module)


def pulumi_home(environment: Mapping[str, str], otherwise: Path) -> Path:
    """Where Pulumi keeps its plugins: the user's own folder, if there is one."""
    usual = Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return usual if usual.exists() else otherwise


def _has_official(name: str, pulumi: Path, home: Path) -> bool:
    wanted = version(f"pulumi-{name}")
    folder = home / "plugins" / f"resource-{name}-v{wanted}"
    if folder.exists():
        return True
    asked = [str(pulumi), "plugin", "install", "resource", name, wanted]
    environment = {**os.environ, "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        subprocess.run(asked, env=environment, capture_output=True, check=False, timeout=_INSTALL_S)
    except subprocess.TimeoutExpired:
        return False
    return folder.exists()


def _script(path: Path, module: str) -> None:
    """The engine starts plugins in the program's folder, so the project's is named."""
    made = path.with_suffix(".new")
    made.write_text(f'#!/bin/sh\nPYTHONPATH="{_PROJECT}" exec "{sys.executable}" -m {module} "$@"\n')
    made.chmod(0o755)
    made.replace(path)


def _link(path: Path, target: Path) -> None:
    made = path.with_suffix(".new")
    made.unlink(missing_ok=True)
    made.symlink_to(target)
    made.replace(path)
