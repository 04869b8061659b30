"""Asks registries for the digests of all images that are not ours: `python -m stacks.pinning CRANE`.

CRANE is the program of that name (github.com/google/go-containerregistry), which knows how each registry wants to be
asked, and the log-ins in ~/.docker/config.json. All digests are written, or none.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from stacks.layers.foundation import DOCKERFILES, REPOSITORY
from stacks.upstream import LOCK, USUAL, base_of

Ask = Callable[[str], str]
"""The digest of a reference. Raises `NotAnswered`."""

PATIENCE_S = 30
READABLE = 0o644
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class NotAnswered(Exception):
    """Carries the reference and what the registry, or the way there, said."""


class NothingPinned(Exception):
    """Carries a line for each image that has no digest."""


def asking(crane: str) -> Ask:
    """With the program at this path."""

    def ask(reference: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - the program is the caller's choice, the reference ours.
                [crane, "digest", reference], capture_output=True, text=True, check=False, timeout=PATIENCE_S
            )
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise NotAnswered(f"{reference}: {failed}") from failed
        digest = done.stdout.strip()
        if done.returncode or not _DIGEST.fullmatch(digest):
            reason = (done.stderr.strip().splitlines() or [f"{digest!r} is no digest"])[-1]
            raise NotAnswered(f"{reference}: {reason}")
        return digest

    return ask


def digests(references: Iterable[str], ask: Ask) -> Mapping[str, str]:
    """By reference. Raises `NothingPinned` if one is missing."""
    found: dict[str, str] = {}
    missing: list[str] = []
    for reference in sorted(set(references)):
        try:
            found[reference] = ask(reference)
        except NotAnswered as refused:
            missing.append(str(refused))
    if missing:
        raise NothingPinned("\n".join(missing))
    return found


def write(found: Mapping[str, str], lock: Path) -> None:
    """In one step: a reader sees the old file or the new one."""
    text = msgspec.json.format(msgspec.json.encode(dict(found)), indent=2) + b"\n"
    with tempfile.NamedTemporaryFile(dir=lock.parent, prefix=lock.name, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(READABLE)
    Path(file.name).replace(lock)


def _bases() -> list[str]:
    return [base_of(REPOSITORY / dockerfile) for dockerfile in DOCKERFILES.values()]


def main(crane: str) -> int:
    """Exit status: 0, or 1 when nothing was written."""
    try:
        found = digests([*USUAL.values(), *_bases()], asking(crane))
    except NothingPinned as refused:
        sys.stderr.write(f"No digest was written; registries must be reachable for that.\n{refused}\n")
        return 1
    write(found, LOCK)
    sys.stderr.write(f"{len(found)} digests are in {LOCK.name}; `make golden` shows what they change.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
