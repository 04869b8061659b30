"""Load by k6: journeys of several requests, each by as many users at once as there are connections."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tests.bench.results import Load
from tests.servers.binaries import ServerMissing
from tests.servers.cache import cache_folder

VERSION = "v1.8.1"
SCRIPTS = Path(__file__).parent / "scripts"
_MODULE = f"go.k6.io/k6@{VERSION}"
_ADVICE = f"Install Go, by which it is built once, or put k6 on the PATH: go install {_MODULE}"
_BUILD_S = 900


def find_k6() -> Path:
    """The one in the cache folder, built there by Go if need be; else the one on the PATH. Raises `ServerMissing`."""
    built = cache_folder().parent / f"k6-{VERSION}" / "k6"
    if not built.exists():
        on_path = shutil.which("k6")
        if on_path is not None:
            return Path(on_path)
        _build(built)
    return built


def _build(target: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise ServerMissing(f"k6 was not found. {_ADVICE}")
    target.parent.mkdir(parents=True, exist_ok=True)
    surroundings = {**os.environ, "GOBIN": str(target.parent)}
    built = subprocess.run([go, "install", _MODULE], env=surroundings, check=False, timeout=_BUILD_S)
    if built.returncode:
        raise ServerMissing(f"k6 could not be built. {_ADVICE}")


def travel(script: str, *, connections: int, seconds: float, facts: Mapping[str, object], folder: Path) -> Load:
    """Run a script of this folder; it finds `facts` as JSON, and counts journeys in `done` and `failed`."""
    known, told = folder / f"{script}.facts.json", folder / f"{script}.told.json"
    known.write_bytes(msgspec.json.encode(facts))
    told.unlink(missing_ok=True)
    size = ["--vus", str(connections), "--duration", f"{seconds}s"]
    surroundings = {**os.environ, "FACTS": str(known), "TOLD": str(told)}
    command = [str(find_k6()), "run", "--quiet", "--no-usage-report", *size, str(SCRIPTS / script)]
    ran = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, timeout=seconds + 120)
    if ran.returncode or not told.exists():
        raise ValueError(f"k6 failed:\n{ran.stdout}{ran.stderr}")
    return msgspec.json.decode(told.read_bytes(), type=Load)
