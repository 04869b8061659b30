"""What the figures were measured on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from msgspec import Struct

from tests.bench.processes import REPOSITORY

_PACKAGES = ("litestar", "msgspec", "uvicorn", "uvloop", "httptools", "asyncpg", "sqlalchemy", "granian")


def describe(database: dict[str, str]) -> dict[str, str]:
    """For the head of the report. `database` is what PostgreSQL says of itself."""
    durable = ", ".join(f"{name} {value}" for name, value in database.items() if name != "server_version")
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "PostgreSQL": f"{database['server_version']}, {durable}",
    }


class Moment(Struct, frozen=True, kw_only=True):
    """When something is measured, and of what."""

    at: str
    """In UTC, to the minute."""
    commit: str
    """With a mark if files have changed since."""
    busy: str
    """The load of the minute before."""


def moment() -> Moment:
    """Now."""
    now = datetime.now(UTC)  # noqa: TID251 - a report is dated by the wall clock.
    return Moment(at=now.strftime("%Y-%m-%d %H:%M"), commit=_commit(), busy=f"{os.getloadavg()[0]:.1f}")


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    told = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
