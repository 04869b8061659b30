"""Builds the lab's programs into the cache, one after the other, kindly to whatever else the machine does.

Interrupted, it goes on where it was: finished programs are kept, and so is Go's own cache until all are built.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.lab.building.pins import MODULES, NODE, Program, pins
from tests.lab.building.toolchain import find_go

_TAIL = 30


class BuildFailed(Exception):
    """Carries the end of what the compiler said."""


def cache_folder(environment: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/souk/lab`, by default under `~/.cache`."""
    base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "souk" / "lab"


def programs_folder(environment: Mapping[str, str], programs: Sequence[Program] = NODE) -> Path:
    """Where these programs are, once they are built."""
    return cache_folder(environment) / pins(programs)


class Builder:
    """Of one cache folder, for programs that are pinned together."""

    def __init__(
        self, environment: Mapping[str, str], tell: Callable[[str], None], programs: Sequence[Program] = NODE
    ) -> None:
        self._cache = cache_folder(environment)
        self._programs = programs_folder(environment, programs)
        self._built = self._cache / "built"
        self._go_cache = self._cache / "go-build"
        self._given = environment
        self._tell = tell

    def build(self, wanted: Sequence[Program]) -> Path:
        """The folder that has them all. Raises `GoMissing` or `BuildFailed`."""
        with self._alone():
            self._build_missing([program for program in wanted if not self._kept(program).exists()])
            return self._gathered(wanted)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time builds: whoever comes second finds what the first has built."""
        self._cache.mkdir(parents=True, exist_ok=True)
        with (self._cache / "building").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _build_missing(self, missing: Sequence[Program]) -> None:
        if missing:
            go = find_go(self._cache, self._given.get("PATH"))
            self._built.mkdir(parents=True, exist_ok=True)
            for index, program in enumerate(missing, 1):
                self._tell(f"building {program.name} from its Go module, {index} of {len(missing)}")
                started = time.monotonic()
                self._build(go, program)
                self._tell(f"built {program.name} in {time.monotonic() - started:.0f} s")
            # It grows to gigabytes, and nothing asks for it before the pins change.
            shutil.rmtree(self._go_cache, ignore_errors=True)

    def _kept(self, program: Program) -> Path:
        """By its own pins, so that a change of one program's builds no other anew."""
        return self._built / f"{program.name}-{pins([program])}"

    def _gathered(self, wanted: Sequence[Program]) -> Path:
        self._programs.mkdir(parents=True, exist_ok=True)
        for program in wanted:
            if not (self._programs / program.name).exists():
                os.link(self._kept(program), self._programs / program.name)
        return self._programs

    def _build(self, go: Path, program: Program) -> None:
        with tempfile.TemporaryDirectory(dir=self._cache) as scratch:
            target = Path(scratch) / program.name
            tags = [f"-tags={program.tags}"] if program.tags else []
            flags = ["-trimpath", *tags, f"-ldflags=-s -w {program.stamp}", "-o", str(target), program.package]
            self._run([str(go), "build", "-v", *flags], MODULES / program.folder, program.name)
            target.rename(self._kept(program))

    def _run(self, command: Sequence[str], folder: Path, name: str) -> None:
        process = subprocess.Popen(
            ["nice", "-n", "19", *command],
            cwd=folder,
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            said = self._watch(process, name)
        if process.returncode:
            raise BuildFailed(f"{' '.join(command)} in {folder}:\n" + "\n".join(said[-_TAIL:]))

    def _watch(self, process: subprocess.Popen[str], name: str) -> list[str]:
        """What the compiler says: a line for each module it fetches and each package it compiles."""
        said, told = [], time.monotonic()
        assert process.stderr
        for line in process.stderr:
            said.append(line.rstrip())
            if time.monotonic() - told > 20:
                told = time.monotonic()
                self._tell(f"  {name}: {len(said)} packages so far")
        return said

    def _environment(self) -> dict[str, str]:
        own = {
            "CGO_ENABLED": "0",
            "GOCACHE": str(self._go_cache),
            "GOFLAGS": f"-mod=readonly -buildvcs=false {self._given.get('GOFLAGS', '')}".strip(),
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }
        return {**os.environ, **self._given, **own}
