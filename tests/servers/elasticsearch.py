"""Elasticsearch, one node, launched without its start script, which not every distribution has."""

import os
import shutil
import signal
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.servers.binaries import ServerMissing
from tests.servers.cache import cache_folder, readable
from tests.servers.java import find_java
from tests.servers.ports import free_port
from tests.servers.program import Program
from tests.servers.run import Run

VERSION = "9.4.3"
ADVICE = "Run `make servers`, or unpack Elasticsearch 9 and set ES_HOME. Or set SOUK_TEST_ELASTICSEARCH_URL."
_START_S = 240.0
_LAUNCHER = "lib/tools/server-launcher"
_SETTINGS = """
cluster.name: {name}
path.data: {folder}/data
path.logs: {folder}/logs
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
discovery.type: single-node
xpack.security.enabled: false
xpack.security.enrollment.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
node.store.allow_mmap: false
"""


def fetched_home() -> Path:
    """Where `provision` puts the server it fetches."""
    return cache_folder() / f"elasticsearch-{VERSION}"


def find_home() -> Path:
    """The folder of an unpacked Elasticsearch: `$ES_HOME`, else the fetched one. Raises `ServerMissing`."""
    given = os.environ.get("ES_HOME")
    homes = [*([Path(given)] if given else []), fetched_home()]
    for home in homes:
        if (home / _LAUNCHER).is_dir() and (home / "config").is_dir():
            return home
    raise ServerMissing(f"No Elasticsearch was found in {' or '.join(str(home) for home in homes)}. {ADVICE}")


class Elasticsearch:
    """One node with a heap of 512 MB; about 11 s to start."""

    def __init__(self, run: Run) -> None:
        home, java = readable(find_home(), run), readable(find_java(), run)
        self._http = free_port()
        self._folder = run.folder("elasticsearch")
        self._configure(home / "config", run)
        environment = self._environment(home, java)
        # The launcher takes the working directory for its home, whatever ES_HOME says.
        self._program = Program(run, self._folder, _command(home, java), environment=environment, start_in=home)

    @property
    def url(self) -> str:
        """Without user or password: security is off."""
        return f"http://127.0.0.1:{self._http}"

    def start(self) -> None:
        """Return when the cluster is at least yellow."""
        self._program.start(ready=self._ready, timeout_s=_START_S)

    def kill(self) -> None:
        """SIGKILL to the launcher and the server."""
        self._program.kill()

    def stop(self) -> None:
        """SIGTERM; the launcher passes it on and waits."""
        self._program.stop(signal.SIGTERM)

    def _configure(self, shipped: Path, run: Run) -> None:
        config = Path(shutil.copytree(shipped, self._folder / "config"))
        transport = free_port()
        text = _SETTINGS.format(name=self._folder.name, folder=self._folder, http=self._http, transport=transport)
        (config / "elasticsearch.yml").write_text(text)
        (self._folder / "tmp").mkdir()
        for path in (self._folder / "tmp", config, *config.rglob("*")):
            run.give(path)

    def _environment(self, home: Path, java: Path) -> dict[str, str]:
        return {
            "ES_HOME": str(home),
            "ES_PATH_CONF": str(self._folder / "config"),
            "ES_JAVA_HOME": str(java),
            "JAVA": str(java / "bin" / "java"),
            "JAVA_TYPE": "ES_JAVA_HOME",
            "ES_DISTRIBUTION_TYPE": "tar",
            "ES_TMPDIR": str(self._folder / "tmp"),
            "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
            "HOSTNAME": "localhost",
        }

    def _ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self._http, timeout=5)
        try:
            connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
            return b'"timed_out":false' in connection.getresponse().read()
        except (HTTPException, OSError):
            return False
        finally:
            connection.close()


def _command(home: Path, java: Path) -> list[str]:
    small = ["-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"]
    classes = ["-cp", f"{home / _LAUNCHER}/*", "org.elasticsearch.server.launcher.ServerLauncher"]
    return [str(java / "bin" / "java"), *small, *classes]
