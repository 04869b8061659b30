"""One run of tests or of a benchmark: the folder its servers live in, and the promise that they end with it."""

import json
import os
import pwd
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

_REPOSITORY = Path(__file__).parents[2]
_UNPRIVILEGED = "nobody"


def unprivileged() -> pwd.struct_passwd | None:
    """The account servers run as when root starts them, since PostgreSQL and Elasticsearch refuse root; else None."""
    return pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None


class Run:
    """Hands out folders and remembers processes; closing it, or dying, ends both."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="souk-"))
        self.root.chmod(0o711)
        self._numbers = count(1)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._reaper = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.reaper", str(self.root)],
            stdin=subprocess.PIPE,
            cwd=_REPOSITORY,
            start_new_session=True,  # Ctrl-C is for the run; the reaper must survive it.
        )

    def folder(self, name: str) -> Path:
        """A new folder that servers may write to."""
        path = self.root / f"{name}-{next(self._numbers)}"
        path.mkdir(mode=0o755)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make the account that servers run as the owner."""
        account = unprivileged()
        if account is not None:
            os.chown(path, account.pw_uid, account.pw_gid)

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """This process and its children are not to outlive the run."""
        self._processes.append(process)
        self._tell(process.pid)

    def finally_run(self, command: list[str]) -> None:
        """Run this when the run is over, however it ends."""
        self._tell(command)

    def close(self) -> None:
        """Kill everything watched and delete every folder."""
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait(timeout=180)
        for process in self._processes:
            process.wait(timeout=10)

    def _tell(self, what: int | list[str]) -> None:
        if self._reaper.stdin is not None:
            os.write(self._reaper.stdin.fileno(), json.dumps(what).encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
