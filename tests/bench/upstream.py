"""The cheapest service there can be: nginx that answers everything with the same 1 KB of JSON."""

import signal
from pathlib import Path

import msgspec

from tests.servers.nginx import BINARY
from tests.servers.ports import answers, free_port
from tests.servers.program import Program
from tests.servers.run import Run

ANSWER_BYTES = 1024
_START_S = 10.0
_CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/json;
    keepalive_requests 100000000;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


class Stub:
    """A server of tests/servers in all but its folder."""

    def __init__(self, run: Run) -> None:
        self.port = free_port()
        folder = run.folder("stub")
        config = folder / "nginx.conf"
        config.write_text(_CONFIG.format(folder=folder, port=self.port, answer=_answer()))
        self._program = Program(run, folder, _command(folder, config))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when it accepts connections."""
        self._program.start(ready=lambda: answers(self.port), timeout_s=_START_S)

    def kill(self) -> None:
        """SIGKILL."""
        self._program.kill()

    def stop(self) -> None:
        """Serve what is under way."""
        self._program.stop(signal.SIGQUIT)


def _command(folder: Path, config: Path) -> list[str]:
    return [str(BINARY.find()), "-e", "stderr", "-p", str(folder), "-c", str(config)]


def _answer() -> str:
    empty = msgspec.json.encode({"text": ""})
    return msgspec.json.encode({"text": "x" * (ANSWER_BYTES - len(empty))}).decode()
