"""Where downloaded servers are kept from one clone to the next, and how an unprivileged account gets to read them."""

import os
import shutil
from pathlib import Path

from tests.servers.run import Run, unprivileged


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/souk/servers`, by default under `~/.cache`; it may not be there yet."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "souk" / "servers"


def readable(folder: Path, run: Run) -> Path:
    """The folder itself, or a copy in the run where the servers' account cannot walk to it, as below /root."""
    if unprivileged() is None or all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents):
        return folder
    return Path(shutil.copytree(folder, run.folder(folder.name) / "copy", symlinks=True, copy_function=_link))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # Another file system: links cannot reach it.
        shutil.copy2(source, target, follow_symlinks=False)
