"""Tells whether an image would be built from anything new: a digest of what `docker build` would send to its daemon."""

import hashlib
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct


class Rule(Struct, frozen=True):
    """A line of .dockerignore; the last one that matches a path decides."""

    pattern: re.Pattern[str]
    ignores: bool


def digest(context: Path, dockerfile: Path) -> str:
    """Of the names, kinds, permissions and contents of the files that are not ignored, and of the Dockerfile."""
    found = hashlib.sha256(dockerfile.read_bytes())
    for path in sorted(sent_files(context)):
        name, mode = str(path.relative_to(context)), path.lstat().st_mode
        found.update(f"{name}\0{stat.S_IFMT(mode)}\0{mode & 0o111}\0".encode())
        found.update(str(path.readlink()).encode() if path.is_symlink() else _content(path))
    return f"sha256:{found.hexdigest()}"


def sent_files(context: Path) -> Iterator[Path]:
    """Files and links of the context that .dockerignore leaves in."""
    listing = context / ".dockerignore"
    rules = parse(listing.read_text() if listing.exists() else "")
    for path in context.rglob("*"):
        is_sent = path.is_symlink() or not path.is_dir()
        if is_sent and not is_ignored(str(path.relative_to(context)), rules):
            yield path


def parse(text: str) -> list[Rule]:
    """Of a .dockerignore."""
    lines = (line.strip() for line in text.splitlines())
    return [_rule(line) for line in lines if line and not line.startswith("#")]


def is_ignored(name: str, rules: Sequence[Rule]) -> bool:
    """A folder that is ignored takes along all that is in it."""
    parts = name.split("/")
    names = ["/".join(parts[: index + 1]) for index in range(len(parts))]
    ignored = False
    for rule in rules:
        if any(rule.pattern.fullmatch(one) for one in names):
            ignored = rule.ignores
    return ignored


def _rule(line: str) -> Rule:
    pattern = line.removeprefix("!").strip().strip("/").removeprefix("./")
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return Rule(
        re.compile("".join(meanings.get(piece, re.escape(piece)) for piece in pieces)), not line.startswith("!")
    )


def _content(path: Path) -> bytes:
    # A socket or a device has none that would be sent.
    return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""
