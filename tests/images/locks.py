"""What a lock file pins: by package, its version and marker, and the hashes that are accepted of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name


class Pin(NamedTuple):
    """Of one package; where versions differ by platform, of one of them."""

    requirement: str
    hashes: frozenset[str]


def pins(lock: Path) -> Mapping[NormalizedName, frozenset[Pin]]:
    """By package."""
    found: dict[NormalizedName, frozenset[Pin]] = {}
    for entry in _entries(lock.read_text(encoding="utf-8")):
        stated, *hashes = (part.strip() for part in entry.split("--hash="))
        requirement = Requirement(stated)
        name = canonicalize_name(requirement.name)
        pin = Pin(f"{requirement.specifier}; {requirement.marker}", frozenset(hashes))
        found[name] = found.get(name, frozenset()) | {pin}
    return found


def _entries(text: str) -> list[str]:
    """Each pin with its hashes, in one line."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]
