"""Starts processes that outlive this one, knows them again, and ends them: those alone, by number and time of start."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

_TAIL_BYTES = 3000
_POLL_S = 0.1
_END_S = 20.0
_SAME_START_S = 1.0


class Started(Struct, frozen=True):
    """A process number may be used again, the time of start tells it apart."""

    pid: int
    at: float


class ProcessFailed(Exception):
    """A program ended, or was not ready in time; carries the end of its log."""


class Processes:
    """By name, each with a note in `notes` and a log in `logs`."""

    def __init__(self, notes: Path, logs: Path) -> None:
        self._notes = notes
        self._logs = logs

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Nothing if it runs already. Its output goes to its log."""
        if self.is_running(name):
            return
        for folder in (self._notes, self._logs):
            folder.mkdir(parents=True, exist_ok=True)
        log, writing = str(self._log(name)), os.O_WRONLY | os.O_CREAT | os.O_APPEND
        streams = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, writing, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        known = {**os.environ, **(environment or {})}
        try:
            # Not `subprocess`, which takes a process that outlives it for a mistake.
            pid = os.posix_spawnp(command[0], [*command], known, file_actions=streams, setsid=True)
        except FileNotFoundError as missing:
            raise ProcessFailed(f"{name} cannot be started: there is no {command[0]}") from missing
        self._note(name).write_bytes(msgspec.json.encode(Started(pid, psutil.Process(pid).create_time())))

    def wait(self, name: str, is_ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Until it is ready; raises `ProcessFailed` when it ends or takes too long."""
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            if not self.is_running(name):
                raise ProcessFailed(f"{name} ended:\n{self.tail(name)}")
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{name} was not ready within {timeout_s:.0f} s:\n{self.tail(name)}")
            time.sleep(_POLL_S)

    def is_running(self, name: str) -> bool:
        return self._find(name) is not None

    def stop(self, name: str) -> None:
        """Ask it to end, then make it. Its children are its own to end."""
        process = self._find(name)
        if process is not None:
            process.terminate()
            if not _is_gone(process, _END_S):
                process.kill()
                _is_gone(process, _END_S)
        self._note(name).unlink(missing_ok=True)

    def tail(self, name: str) -> str:
        """The end of its log."""
        log = self._log(name)
        return log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace") if log.exists() else ""

    def _find(self, name: str) -> psutil.Process | None:
        note = self._note(name)
        if not note.exists():
            return None
        noted = msgspec.json.decode(note.read_bytes(), type=Started)
        try:
            process = psutil.Process(noted.pid)
            is_it = abs(process.create_time() - noted.at) < _SAME_START_S
            return process if is_it and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def _note(self, name: str) -> Path:
        return self._notes / f"{name}.pid"

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _is_gone(process: psutil.Process, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True
