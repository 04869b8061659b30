"""Souk as production runs it: every service in a process of its own for each role, on real servers.

Limits are on, and set so high that no load meets them.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from services.chassis.identity.keys import make_key
from services.launch.seed.people import PASSWORD, STAFF_EMAIL
from tests.bench.databases import driver_url, make_database
from tests.bench.processes import REPOSITORY, Tree, answers_ok, inherited, python, start
from tests.servers.ports import free_port
from tests.servers.program import ServerFailed
from tests.servers.run import Run

BOUNDLESS = "100000000"

BROWSING = ("gateway api", "items api", "items worker", "items relay")
PEOPLE = ("auth api", "auth worker", "auth relay", "users api", "users worker", "users relay")
TRADING = ("orders api", "orders worker", "orders relay", "sandbox api", "sandbox worker")
_SERVICES = ("gateway", "auth", "users", "items", "orders", "sandbox")


class Servers(Struct, frozen=True, kw_only=True):
    """Where Souk's servers are."""

    postgres: str
    redis: str
    rabbitmq: str
    elasticsearch: str


class Souk:
    """One installation; a process is named by service and role, such as `items worker`."""

    def __init__(self, run: Run, servers: Servers, *, prefix: str = "") -> None:
        """`prefix` is how the names of its databases begin."""
        self.ports = {service: free_port() for service in _SERVICES}
        self.internal_port = free_port()
        self.keys = run.root / "keys"
        self._run = run
        self._servers = servers
        self._prefix = prefix
        self._databases: dict[str, str] = {}
        self._mail = run.root / "mail.sqlite"

    def migrate(self, services: Sequence[str] = _SERVICES) -> None:
        """Make databases and signing keys, all services side by side."""
        migrating = []
        for service in services:
            make_key(self.keys / service)
            self._databases[service] = make_database(self._servers.postgres, self._prefix + service)
            command = python("-m", "services", "migrate", service)
            surroundings = {**inherited(), "SOUK_DATABASE_URL": self._url(service)}
            migrating.append(subprocess.Popen(command, cwd=REPOSITORY, env=surroundings, stderr=subprocess.PIPE))
        for one in migrating:
            _, errors = one.communicate(timeout=120)
            if one.returncode:
                raise ServerFailed(f"a database could not be migrated:\n{errors.decode()}")

    def start(self, name: str, *, label: str = "", settings: Mapping[str, str] | None = None) -> Tree:
        """Run one process; `label` names a second one of its kind, whose `settings` must give it another port."""
        service, _, role = name.partition(" ")
        port = self.ports[service] if role == "api" else free_port()
        environment = {**self.settings(service), "SOUK_PORT": str(port), **(settings or {})}
        port = int(environment["SOUK_PORT"])
        return start(
            self._run,
            label or name,
            python("-m", "services", service, role),
            environment=environment,
            ready=lambda: answers_ok(port, "/health/ready"),
        )

    def settings(self, service: str) -> dict[str, str]:
        """The environment of its processes, but for the port."""
        common = {
            "SOUK_DATABASE_URL": self._url(service),
            "SOUK_KEYS_DIR": str(self.keys / service),
            "SOUK_BUS_URL": self._servers.rabbitmq,
            "SOUK_REDIS_URL": self._servers.redis,
            "SOUK_GATEWAY_INTERNAL_URL": f"http://127.0.0.1:{self.internal_port}",
            "SOUK_HOST": "127.0.0.1",
            "SOUK_METRICS_PORT": str(free_port()),
        }
        return {**common, **dict(self._own(service))}

    def origin(self, service: str) -> str:
        """Where its API listens."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def _url(self, service: str) -> str:
        return driver_url(self._databases[service])

    def _own(self, service: str) -> Iterator[tuple[str, str]]:
        match service:
            case "gateway":
                yield "SOUK_INTERNAL_PORT", str(self.internal_port)
                yield from (
                    (f"SOUK_{one.upper()}_URL", self.origin(one)) for one in ("auth", "users", "items", "orders")
                )
                yield from ((f"SOUK_{kind}_LIMIT", BOUNDLESS) for kind in ("ADDRESS", "USER", "KEY"))
            case "auth":
                yield "SOUK_DATA_KEY", "d" * 43
                yield "SOUK_MAIL_URL", f"sqlite:///{self._mail}"
                yield "SOUK_STAFF_EMAIL", STAFF_EMAIL
                yield "SOUK_STAFF_PASSWORD", PASSWORD
                yield from ((f"SOUK_LOGIN_TRIES_PER_{of}", BOUNDLESS) for of in ("ACCOUNT", "ADDRESS"))
            case "items":
                yield "SOUK_SEARCH_URL", self._servers.elasticsearch
            case "orders":
                yield "SOUK_SANDBOX_URL", self.origin("sandbox")
                yield "SOUK_SANDBOX_API_KEY", "k" * 32
                yield "SOUK_SANDBOX_WEBHOOK_SECRET", "w" * 32
            case "sandbox":
                yield "SOUK_API_KEY", "k" * 32
                yield "SOUK_WEBHOOK_URL", f"{self.origin('gateway')}/api/v1/payments/webhooks/sandbox"
                yield "SOUK_WEBHOOK_SECRET", "w" * 32
            case _:
                pass
