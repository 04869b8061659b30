"""RabbitMQ, one node with an epmd of its own, so that no other node on this machine sees it or is seen by it."""

import contextlib
import re
import shutil
import signal
import socket
from pathlib import Path

from tests.servers.binaries import Binary, ServerMissing
from tests.servers.ports import answers, free_port
from tests.servers.program import Program
from tests.servers.run import Run

ADVICE = "Debian, Ubuntu: apt-get install rabbitmq-server. macOS: brew install rabbitmq. Or set SOUK_TEST_RABBITMQ_URL."
AT_LEAST = (3, 10)
_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin")
# rabbitmq_server-3.10.8 in packages and archives, Cellar/rabbitmq/4.2.1 from Homebrew.
_VERSION = re.compile(r"/rabbitmq(?:_server-|/)(\d+)\.(\d+)[^/]*/sbin/")
EPMD = Binary(
    name="epmd",
    at_least=(),
    beside=("/usr/lib/erlang/bin", "/opt/homebrew/opt/erlang/bin", "/usr/local/opt/erlang/bin"),
    advice="It comes with Erlang, which RabbitMQ needs.",
)
_EPMD_START_S = 10.0
_START_S = 90.0
_SETTINGS = """
listeners.tcp.default = 127.0.0.1:{port}
loopback_users.guest = true
log.console = true
log.console.level = warning
log.file = false
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
"""


def find_script() -> Path:
    """The real start script, not a wrapper round it, the PATH first. Raises `ServerMissing`."""
    # Told by its folder: asking the script starts a server, asking rabbitmqctl an epmd that stays.
    on_path = shutil.which("rabbitmq-server")
    found = [Path(on_path)] if on_path else []
    for script in [*found, *(Path(folder) / "rabbitmq-server" for folder in _FOLDERS)]:
        version = _VERSION.search(str(script.resolve()))
        if version and script.exists() and (int(version[1]), int(version[2])) >= AT_LEAST:
            return script.resolve()
    wanted = ".".join(str(part) for part in AT_LEAST)
    raise ServerMissing(f"rabbitmq-server {wanted} or newer is needed and was not found. {ADVICE}")


class RabbitMQ:
    """One node; what was confirmed is still there after a kill. About 5 s to start."""

    def __init__(self, run: Run, *, definitions: str = "") -> None:
        """`definitions` are JSON, as the broker exports them."""
        script = find_script()
        self._port, self._epmd_port = free_port(), free_port()
        folder = run.folder("rabbitmq")
        environment = self._environment(folder, definitions)
        self._program = Program(run, folder, [str(script)], environment=environment)
        names = run.folder("epmd")
        command = [str(EPMD.find()), "-address", "127.0.0.1", "-port", str(self._epmd_port)]
        self._names = Program(run, names, command)
        self._names_run = False

    @property
    def url(self) -> str:
        """The default virtual host, as an administrator."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Return when it accepts AMQP connections."""
        if not self._names_run:
            # A node that finds no epmd would start one that outlives it.
            self._names.start(ready=lambda: answers(self._epmd_port), timeout_s=_EPMD_START_S)
            self._names_run = True
        self._program.start(ready=self._ready, timeout_s=_START_S)

    def kill(self) -> None:
        """SIGKILL to the node; its epmd forgets it at once."""
        self._program.kill()

    def stop(self) -> None:
        """SIGTERM: the node closes its connections and ends."""
        self._program.stop(signal.SIGTERM)

    @property
    def port(self) -> int:
        """On loopback."""
        return self._port

    def _environment(self, folder: Path, definitions: str) -> dict[str, str]:
        settings, users = folder / "rabbitmq.conf", folder / "definitions.json"
        settings.write_text(
            _SETTINGS.format(port=self._port) + (f"load_definitions = {users}\n" if definitions else "")
        )
        settings.chmod(0o644)
        users.write_text(definitions)
        users.chmod(0o644)
        return {
            "RABBITMQ_NODENAME": f"souk{self._port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(settings),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def _ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
            connection.settimeout(2)
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            # The first frame is the server's Connection.Start, a method frame.
            return connection.recv(1) == b"\x01"
        return False
