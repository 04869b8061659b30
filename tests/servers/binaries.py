"""Finding server programs on this machine, and saying how to get one that is not here."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_VERSION = re.compile(r"(\d+)(?:\.(\d+))?")


class ServerMissing(Exception):
    """The server cannot be had on this machine; the message says what to install."""


@dataclass(frozen=True, kw_only=True)
class Binary:
    """A program, the least version of it that will do, and where packages put it when it is not on the PATH."""

    name: str
    at_least: tuple[int, ...]
    advice: str
    """What a developer installs to get it, per system."""
    beside: Sequence[str] = field(default=())
    """Folders to look into, as absolute globs."""

    def find(self, path: str | None = None) -> Path:
        """The newest acceptable one, the PATH (or `path`) first. Raises `ServerMissing`."""
        found = [candidate for candidate in self._candidates(path) if os.access(candidate, os.X_OK)]
        for candidate in found:
            if version_of(candidate) >= self.at_least:
                return candidate
        wanted = ".".join(str(part) for part in self.at_least)
        seen = f"{found[0]} is older" if found else "none is on the PATH"
        raise ServerMissing(f"{self.name} {wanted} or newer is needed and {seen}. {self.advice}")

    def _candidates(self, path: str | None) -> list[Path]:
        on_path = shutil.which(self.name, path=path)
        folders = [Path("/").glob(pattern.lstrip("/")) for pattern in self.beside]
        beside = [folder / self.name for found in folders for folder in sorted(found, reverse=True)]
        return [*([Path(on_path)] if on_path else []), *beside]


def version_of(program: Path) -> tuple[int, ...]:
    """What it answers to `--version` (or `-v`), as far as major and minor; empty when it answers nothing."""
    for flag in ("--version", "-v"):
        asked = subprocess.run([program, flag], capture_output=True, text=True, check=False, timeout=30)
        version = _VERSION.search(asked.stdout + asked.stderr)
        if asked.returncode == 0 and version:
            return tuple(int(part) for part in version.groups() if part)
    return ()
