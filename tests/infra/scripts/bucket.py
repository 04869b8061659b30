"""An object store as far as the scripts need one: put, get, list and delete, of signed requests only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Objects(ThreadingHTTPServer):
    """What is in it is `held`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.held: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Door(BaseHTTPRequestHandler):
    server: Objects

    def do_PUT(self) -> None:
        self.server.held[self._key()] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"")

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            keys = [key for key in self.server.held if key.startswith(query["prefix"][0])]
            entries = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
            self._answer(200, f"<?xml version='1.0'?><ListBucketResult>{entries}</ListBucketResult>".encode())
        elif self._key() in self.server.held:
            self._answer(200, self.server.held[self._key()])
        else:
            self._answer(404, b"")

    def do_DELETE(self) -> None:
        self.server.held.pop(self._key(), None)
        self._answer(204, b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name.
        """Nothing."""

    def _key(self) -> str:
        return urlsplit(self.path).path.removeprefix("/backups/")

    def _answer(self, status: int, body: bytes) -> None:
        signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=an-access-key/")
        self.send_response(status if signed else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def objects() -> Iterator[Objects]:
    """Open for as long as the block runs."""
    server = Objects()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
