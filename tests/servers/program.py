"""A server program: started, watched until it answers, stopped or killed, started again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil

from tests.servers.reaper import kill_trees, wait_gone
from tests.servers.run import Run, unprivileged

_POLL_S = 0.05
_STOP_S = 30.0
_LOG_TAIL = 2_000


class Server(Protocol):
    """What tests may do to a server. Every method blocks: from async code call it in a thread."""

    @property
    def url(self) -> str:
        """Where it listens, the same before and after a restart."""

    def start(self) -> None:
        """Return when it answers. The data of an earlier start is still there."""

    def kill(self) -> None:
        """SIGKILL, to its children too."""

    def stop(self) -> None:
        """End it as an operator would."""


class ServerFailed(Exception):
    """The program ended, or did not answer in time; carries the end of its log."""


class Program:
    """One command, run as an unprivileged user, its output in `log` in a folder of the run."""

    def __init__(
        self,
        run: Run,
        folder: Path,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        start_in: Path | None = None,
    ) -> None:
        self.folder = folder
        self._run = run
        self._command = command
        known = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
        self._environment = {**known, **(environment or {})}
        self._start_in = start_in or folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return when `ready` does so; raises `ServerFailed`, leaving nothing running."""
        if self._process is not None and self._process.poll() is None:
            raise ServerFailed(f"{self._command[0]} is running already")
        account = unprivileged()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._start_in,
                env=self._environment,
                start_new_session=True,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
        self._run.watch(self._process)
        self._wait_until(ready, self._process, time.monotonic() + timeout_s)

    def kill(self) -> None:
        """SIGKILL to the program and everything it started."""
        if self._process is not None:
            if self._process.poll() is None:
                kill_trees([psutil.Process(self._process.pid)])
            self._process.wait()
            self._process = None

    def stop(self, how: signal.Signals) -> None:
        """Ask it to end and wait; raises `ServerFailed` when it does not, having killed it."""
        if self._process is None or self._process.poll() is not None:
            return
        family = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        self._process.send_signal(how)
        if not wait_gone(family, timeout_s=_STOP_S):
            kill_trees(family)
            raise ServerFailed(f"{self._command[0]} did not end within {_STOP_S:.0f} s")
        self._process.wait()
        self._process = None

    def _wait_until(self, ready: Callable[[], bool], process: subprocess.Popen[bytes], deadline: float) -> None:
        while not ready():
            ended = process.poll()
            if ended is None and time.monotonic() < deadline:
                time.sleep(_POLL_S)
                continue
            self.kill()
            why = "did not answer in time" if ended is None else f"ended with status {ended}"
            raise ServerFailed(f"{self._command[0]} {why}; the end of its log:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-_LOG_TAIL:]
