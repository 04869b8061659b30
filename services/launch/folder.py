"""The folder of an embedded Souk: its databases are files that one process at a time may work on."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.settings import CannotStart


class FolderTaken(CannotStart):
    """Another Souk keeps its data there at this moment."""


class FolderUnusable(CannotStart):
    """It cannot be made, or not be written to."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Make the folder if need be, and keep others out of it; the system lets go of it however this process ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as failed:
        raise FolderUnusable(f"the folder {folder} cannot be used: {failed.strerror}") from failed
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise FolderTaken(
                f"another Souk works on {folder}: stop it, or choose another folder with --data"
            ) from held
        yield
