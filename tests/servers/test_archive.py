import hashlib
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from zipfile import ZipFile

import pytest

from tests.servers.archive import RemoteZip, Span, WrongBytes, fetch

pytestmark = pytest.mark.embedded

Serve = Callable[[type[BaseHTTPRequestHandler]], str]


class Whole(BaseHTTPRequestHandler):
    """A server that does not know ranges."""

    content: ClassVar[bytes]

    def do_GET(self) -> None:
        self._answer(200, self.content)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name.
        """Say nothing."""


class Ranged(Whole):
    """A server that sends the bytes it is asked for."""

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"])
        assert asked
        self._answer(206, self.content[int(asked[1]) : int(asked[2]) + 1])


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    path = tmp_path / "made.zip"
    with ZipFile(path, "w") as made:
        made.writestr("top/other/first", "x" * 5_000)
        made.writestr("top/wanted/sub/file", "kept")
        made.writestr("top/other/last", "y" * 5_000)
    return path.read_bytes()


@pytest.fixture
def serve(content: bytes) -> Iterator[Serve]:
    running: list[ThreadingHTTPServer] = []

    def start(handler: type[BaseHTTPRequestHandler]) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Serving", (handler,), {"content": content}))
        running.append(server)
        Thread(target=server.serve_forever).start()
        return f"http://127.0.0.1:{server.server_port}/made.zip"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def pinned(url: str, content: bytes) -> RemoteZip:
    """The wanted member and the zip's directory, without the members round it."""
    first, last = content.index(b"PK", 4), content.rindex(b"PK\x03\x04")
    directory = content.index(b"PK\x01\x02")
    spans = [_span(content, first, last), _span(content, directory, len(content))]
    return RemoteZip(url=url, size=len(content), folder="top/wanted", spans=spans)


def _span(content: bytes, first: int, end: int) -> Span:
    return Span(first=first, end=end, sha256=hashlib.sha256(content[first:end]).hexdigest())


@pytest.mark.parametrize("handler", [Ranged, Whole])
def test_only_the_wanted_folder_is_unpacked(
    tmp_path: Path, serve: Serve, content: bytes, handler: type[BaseHTTPRequestHandler]
) -> None:
    target = tmp_path / "cache" / "server"

    fetch(pinned(serve(handler), content), target)

    assert (target / "sub" / "file").read_text() == "kept"
    assert [path.name for path in target.parent.iterdir()] == ["server"]


def test_bytes_that_are_not_the_pinned_ones_are_refused(tmp_path: Path, serve: Serve, content: bytes) -> None:
    archive = pinned(serve(Ranged), content.replace(b"kept", b"sept"))

    with pytest.raises(WrongBytes):
        fetch(archive, tmp_path / "server")

    assert not (tmp_path / "server").exists()
