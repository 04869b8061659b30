"""Fetching one folder of a zip on a web server without the rest of it."""

import hashlib
import shutil
import urllib.request
from collections.abc import Sequence
from http.client import HTTPResponse
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

from msgspec import Struct

_CHUNK = 1024 * 1024
_READ_TIMEOUT_S = 60


class Span(Struct, frozen=True, kw_only=True):
    """Some bytes of the archive, and what they must hash to."""

    first: int
    end: int
    """One past the last."""
    sha256: str


class RemoteZip(Struct, frozen=True, kw_only=True):
    """An archive that never changes, and the spans of it that hold a folder and the zip's own directory."""

    url: str
    size: int
    folder: str
    """The path in the archive of what is wanted."""
    spans: Sequence[Span]


class WrongBytes(Exception):
    """What the server sent is not what was pinned; nothing of it is kept."""


def fetch(archive: RemoteZip, target: Path) -> None:
    """Make `target` the wanted folder, whole or not at all."""
    draft = target.with_name(f"{target.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    hollow = draft / "archive.zip"
    # A file of the full size with only the spans filled in: the zip's offsets hold, and the holes take no space.
    with hollow.open("wb") as file:
        file.truncate(archive.size)
        for span in archive.spans:
            file.seek(span.first)
            _copy(archive.url, span, file)
    unpack(hollow, archive.folder, target)
    shutil.rmtree(draft)


def unpack(archive: Path, folder: str, target: Path) -> None:
    """Make `target` that folder of a zip on disk, whole or not at all."""
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    with ZipFile(archive) as zipped:
        zipped.extractall(draft, [name for name in zipped.namelist() if name.startswith(f"{folder}/")])
    (draft / folder).rename(target)
    shutil.rmtree(draft)


def _copy(url: str, span: Span, to: BinaryIO) -> None:
    request = urllib.request.Request(url, headers={"Range": f"bytes={span.first}-{span.end - 1}"})  # noqa: S310 - pinned.
    seen = hashlib.sha256()
    with urllib.request.urlopen(request, timeout=_READ_TIMEOUT_S) as reply:  # noqa: S310 - the addresses are ours.
        _skip_to(span.first, reply)
        left = span.end - span.first
        while left and (chunk := reply.read(min(_CHUNK, left))):
            seen.update(chunk)
            left -= to.write(chunk)
    if seen.hexdigest() != span.sha256:
        raise WrongBytes(f"{url}, bytes {span.first} to {span.end}: expected {span.sha256}, got {seen.hexdigest()}")


def _skip_to(first: int, reply: HTTPResponse) -> None:
    # A server that does not know ranges sends everything with status 200.
    left = 0 if reply.status == 206 else first
    while left and (chunk := reply.read(min(_CHUNK, left))):
        left -= len(chunk)
