"""Runs the stack's program with Pulumi, on a backend that is thrown away, and takes what it would have applied."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml

from stacks.rendering.steps import Manifest
from stacks.rendering.values import Unrenderable

REPOSITORY = Path(__file__).parents[2]
LONGEST_S = 900


def render(stack: str, values: Mapping[str, object], scratch: Path) -> list[Manifest]:
    """Every object. `scratch` is an empty folder; neither the stack's own file nor its state is touched. Raises
    `Unrenderable` with what Pulumi said.
    """
    written = scratch / "rendered"
    _project(stack, {**values, "kubernetes:renderYamlToDirectory": str(written)}, scratch)
    environment = _environment(scratch)
    _pulumi("stack", "init", stack, "--no-select", cwd=scratch, environment=environment)
    _pulumi(
        "up", "--stack", stack, "--yes", "--skip-preview", "--non-interactive", cwd=scratch, environment=environment
    )
    return [_manifest(path) for path in sorted(written.rglob("*.yaml"))]


def _project(stack: str, values: Mapping[str, object], folder: Path) -> None:
    project = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
    project["runtime"]["options"]["virtualenv"] = str(REPOSITORY / ".venv")
    if not (REPOSITORY / ".venv").exists():
        del project["runtime"]["options"]  # Whoever runs this has what the program needs.
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": dict(values)}))
    (folder / "stacks").symlink_to(REPOSITORY / "stacks")
    (folder / "state").mkdir()


def _environment(scratch: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{scratch}/state",
        "PULUMI_CONFIG_PASSPHRASE": "",  # There is nothing secret to keep.
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PYTHONPATH": str(REPOSITORY),
    }


def _pulumi(*arguments: str, cwd: Path, environment: Mapping[str, str]) -> None:
    command = ["pulumi", *arguments]
    try:
        ended = subprocess.run(  # noqa: S603 - nothing of it comes from outside.
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_S
        )
    except FileNotFoundError as missing:
        raise Unrenderable("there is no pulumi on the PATH; `make render` builds one where none is") from missing
    if ended.returncode:
        raise Unrenderable(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")


def _manifest(path: Path) -> Manifest:
    loaded: Manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
