"""Redis as a cache: it keeps nothing over a restart."""

import contextlib
import signal
import socket

from tests.servers.binaries import Binary
from tests.servers.ports import free_port
from tests.servers.program import Program
from tests.servers.run import Run

BINARY = Binary(
    name="redis-server",
    at_least=(7,),
    advice="Debian: apt-get install redis-server. macOS: brew install redis. Or set SOUK_TEST_REDIS_URL.",
)
_START_S = 20.0


class Redis:
    """One Redis, empty at each start."""

    def __init__(self, run: Run) -> None:
        self._port = free_port()
        folder = run.folder("redis")
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
        self._program = Program(run, folder, [str(BINARY.find()), *options])

    @property
    def url(self) -> str:
        """Database 0."""
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Return when it answers PING."""
        self._program.start(ready=self._ready, timeout_s=_START_S)

    def kill(self) -> None:
        """SIGKILL."""
        self._program.kill()

    def stop(self) -> None:
        """SIGTERM."""
        self._program.stop(signal.SIGTERM)

    def _ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
        return False
