"""Load by wrk: as many reads as a number of connections can take, over a list of paths, in turn."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from tests.bench.results import Load
from tests.servers.binaries import Binary

BINARY = Binary(name="wrk", at_least=(), advice="Debian: apt-get install wrk. macOS: brew install wrk.")
SCRIPT = Path(__file__).parent / "scripts" / "rotate.lua"
_TOLD = re.compile(r"^\{.*\}$", re.MULTILINE)


def read(
    origin: str, paths: Sequence[str], *, connections: int, seconds: float, fields: Mapping[str, str], folder: Path
) -> Load:
    """`folder` takes the list of paths. A path may hold `{n}`, which no two requests have in common."""
    with NamedTemporaryFile("w", dir=folder, suffix=".txt", delete=False) as listed:
        listed.write("\n".join(paths))
    headers = [f"--header={name}: {value}" for name, value in fields.items()]
    size = ["--threads=1", f"--connections={connections}", f"--duration={round(seconds)}s", "--timeout=10s"]
    command = [str(BINARY.find()), *size, *headers, f"--script={SCRIPT}", origin, "--", listed.name]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    told = _TOLD.search(ran.stdout)
    if told is None:
        raise ValueError(f"wrk told nothing:\n{ran.stdout}{ran.stderr}")
    return msgspec.json.decode(told[0], type=Load)
