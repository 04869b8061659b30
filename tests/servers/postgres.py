"""PostgreSQL as production runs it: durable, with passwords, several hundred connections."""

import signal
import subprocess
from pathlib import Path

from tests.servers.binaries import Binary
from tests.servers.ports import free_port
from tests.servers.program import Program
from tests.servers.run import Run, unprivileged

BINARY = Binary(
    name="postgres",
    at_least=(15,),
    beside=(
        "/usr/lib/postgresql/*/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
        "/usr/pgsql-*/bin",
    ),
    advice="Debian: apt-get install postgresql. macOS: brew install postgresql@17. Or set SOUK_TEST_POSTGRES_URL.",
)
_USER = "souk"
_START_S = 60.0
_SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = on
synchronous_commit = on
full_page_writes = on
max_connections = 200
password_encryption = 'scram-sha-256'
"""


class Postgres:
    """One cluster of databases."""

    def __init__(self, run: Run, *, certificate: str = "") -> None:
        """`certificate` is PEM with its key; with one, the server speaks TLS to those who ask for it."""
        postgres = BINARY.find()
        # A link on the PATH may lead into the folder where initdb and pg_isready are.
        self._programs = postgres.resolve().parent
        self._folder = run.folder("postgres")
        self._data = self._folder / "data"
        self._port = free_port()
        command = [str(postgres), "-D", str(self._data), "-k", str(self._folder), "-p", str(self._port)]
        self._program = Program(run, self._folder, command)
        self._run = run
        self._certificate = certificate

    @property
    def url(self) -> str:
        """SQLAlchemy's form, of a user that may create databases."""
        return f"postgresql+asyncpg://{_USER}:{_USER}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """The first start makes the cluster."""
        if not self._data.exists():
            self._initialise()
        self._program.start(ready=self._ready, timeout_s=_START_S)

    def kill(self) -> None:
        """Postmaster and backends at once, as the kernel's out-of-memory killer would."""
        self._program.kill()

    def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back."""
        self._program.stop(signal.SIGINT)

    def _initialise(self) -> None:
        password = self._write("password", _USER)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
        account = unprivileged()
        initdb = [str(self._programs / "initdb"), "-D", str(self._data), "-U", _USER, f"--pwfile={password}"]
        subprocess.run(
            [*initdb, *options],
            check=True,
            capture_output=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            cwd=self._folder,
        )
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
            if self._certificate:
                pem = self._write("server.pem", self._certificate)
                pem.chmod(0o600)
                settings.write(f"ssl = on\nssl_cert_file = '{pem}'\nssl_key_file = '{pem}'\n")

    def _write(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.write_text(text)
        self._run.give(path)
        return path

    def _ready(self) -> bool:
        asked = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        return subprocess.run(asked, check=False).returncode == 0
