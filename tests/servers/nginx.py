"""nginx as a reverse proxy before one upstream: what the gateway is measured against."""

import signal
from pathlib import Path

from tests.servers.binaries import Binary
from tests.servers.ports import answers, free_port
from tests.servers.program import Program
from tests.servers.run import Run

BINARY = Binary(
    name="nginx",
    at_least=(1, 20),
    beside=("/usr/sbin",),
    advice="Debian: apt-get install nginx-light. macOS: brew install nginx.",
)
_START_S = 10.0
_CONFIG = """
daemon off;
worker_processes {workers};
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
    keepalive_requests 1000000;
    upstream behind {{
        server {upstream};
        keepalive 64;
        keepalive_requests 1000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://behind;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
        }}
    }}
}}
"""


class Nginx:
    """Passes everything to `upstream` (`host:port`) over kept connections, unlogged."""

    def __init__(self, run: Run, *, upstream: str, workers: int = 1) -> None:
        self._port = free_port()
        folder = run.folder("nginx")
        config = _configured(folder, upstream=upstream, port=self._port, workers=workers)
        self._program = Program(run, folder, [str(BINARY.find()), "-e", "stderr", "-p", str(folder), "-c", str(config)])

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Return when it accepts connections."""
        self._program.start(ready=lambda: answers(self._port), timeout_s=_START_S)

    def kill(self) -> None:
        """SIGKILL to master and workers."""
        self._program.kill()

    def stop(self) -> None:
        """Serve what is under way, accept nothing new."""
        self._program.stop(signal.SIGQUIT)


def _configured(folder: Path, *, upstream: str, port: int, workers: int) -> Path:
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, upstream=upstream, port=port, workers=workers))
    return config
