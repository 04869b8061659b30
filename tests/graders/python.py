"""Graders that are Python packages, in an environment of their own: checkov wants older libraries than Souk does."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.graders.programs import present
from tests.lab.building.build import cache_folder

LOCK = Path(__file__).with_name("requirements.lock")
_SCHEMAS = "kubernetes_validate/kubernetes-json-schema"


def environment_folder() -> Path:
    """Another one for every lock and every Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cache_folder(os.environ) / f"python{version}-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"


def script(name: str) -> Path:
    """A command of one of the packages. Raises `GraderMissing`."""
    return present(environment_folder() / "bin" / name)


def schemas(version: str) -> Path:
    """The folder of the strict schemas of `1.34.0`. Raises `GraderMissing`."""
    return present(environment_folder() / "schemas" / f"v{version}")


def install(versions: Sequence[str]) -> None:
    """Everything or nothing: the environment gets its name when it is whole."""
    target = environment_folder()
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "environment"
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, made], check=True)
        asked = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(made), "--requirement", str(LOCK)]
        subprocess.run(asked, check=True)
        for version in versions:
            _lay_out(made, version)
        shutil.rmtree(next(made.glob(f"lib/*/site-packages/{_SCHEMAS}")))
        made.rename(target)


def _lay_out(made: Path, version: str) -> None:
    """The schemas refer to each other by addresses; without those, to what stands beside them."""
    there = made / "schemas" / f"v{version}"
    there.mkdir(parents=True)
    source = next(made.glob(f"lib/*/site-packages/{_SCHEMAS}/v{version}-local-strict"))
    for path in source.glob("*.json"):
        text = path.read_text(encoding="utf-8").replace('"/api/_definitions.json#', '"_definitions.json#')
        schema = msgspec.json.decode(text, type=dict[str, object])
        schema.pop("$id", None)
        (there / path.name).write_bytes(msgspec.json.encode(schema))
