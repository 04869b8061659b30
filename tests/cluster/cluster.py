"""All of Souk as processes of their own, on servers of their own, each of which a test may kill."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager

import psutil

from tests.bench.processes import REPOSITORY, inherited, python
from tests.bench.souk import BROWSING, PEOPLE, TRADING, Servers, Souk
from tests.servers.fleet import KINDS, make
from tests.servers.program import Server, ServerFailed
from tests.servers.reaper import kill_trees
from tests.servers.run import Run

PROCESSES = (*PEOPLE, *BROWSING, *TRADING)
CONSUMERS = ("auth", "users", "items", "orders")
"""Services that handle events."""
_LOG_TAIL = 3_000
_OPERATE_S = 60.0


class Cluster:
    """A process is named by service and role, such as `orders worker`."""

    def __init__(self, run: Run) -> None:
        self.servers: Mapping[str, Server] = {name: make(name, run) for name in KINDS}
        self.souk = Souk(run, Servers(**{name: server.url for name, server in self.servers.items()}))
        self._logs = run.root
        self._running: dict[str, Sequence[psutil.Process]] = {}

    def start(self) -> None:
        """Servers first, all at once; then as many processes at once as there are processors."""
        with ThreadPoolExecutor() as pool:
            starting: list[Future[None]] = [pool.submit(server.start) for server in self.servers.values()]
            for one in starting:
                one.result()
        self.souk.migrate()
        self._start(PROCESSES)

    def stop(self) -> None:
        """SIGKILL to all of it."""
        for name in self._running:
            self.kill(name)
        for server in self.servers.values():
            server.kill()

    @property
    def gateway(self) -> str:
        """Where the public enters."""
        return self.souk.origin("gateway")

    def database(self, service: str) -> str:
        """As asyncpg takes it."""
        return self.souk.settings(service)["SOUK_DATABASE_URL"]

    def kill(self, name: str) -> None:
        """SIGKILL."""
        kill_trees(self._running[name])

    def restart(self, name: str) -> None:
        """Return when it is ready. Raises `ServerFailed`."""
        # Looked up at once, so that a process which gets its number later is not taken for it.
        self._running[name] = [psutil.Process(pid) for pid in self.souk.start(name).pids]

    def raise_fallen(self) -> dict[str, str]:
        """Start again what does not run; the ends of their logs, by name."""
        fallen = [name for name in PROCESSES if not any(_lives(one) for one in self._running[name])]
        logs = {name: (self._logs / f"{name.replace(' ', '-')}.log").read_text()[-_LOG_TAIL:] for name in fallen}
        self._start(fallen)
        return logs

    @asynccontextmanager
    async def away(self, name: str) -> AsyncIterator[None]:
        """A server is dead as long as the block runs."""
        await asyncio.to_thread(self.servers[name].kill)
        try:
            yield
        finally:
            await asyncio.to_thread(self.servers[name].start)

    @asynccontextmanager
    async def resting(self, *names: str) -> AsyncIterator[None]:
        """These processes are not there as long as the block runs."""
        for name in names:
            self.kill(name)
        try:
            yield
        finally:
            await asyncio.to_thread(self._start, names)

    async def operate(self, *command: str) -> str:
        """What `python -m services` says when it is run beside the processes; raises `ServerFailed`."""
        return await asyncio.to_thread(self._operate, command)

    def resident_mib(self) -> dict[str, float]:
        """Memory of each process."""
        return {name: sum(one.memory_info().rss for one in found) / 2**20 for name, found in self._running.items()}

    def _operate(self, command: Sequence[str]) -> str:
        service = command[-1]
        settings = self.souk.settings(service) if service in self.souk.ports else {}
        ended = subprocess.run(
            python("-m", "services", *command),
            cwd=REPOSITORY,
            env={**inherited(), **settings},
            capture_output=True,
            text=True,
            timeout=_OPERATE_S,
            check=False,
        )
        if ended.returncode:
            raise ServerFailed(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr[-_LOG_TAIL:]}")
        return ended.stdout

    def _start(self, names: Sequence[str]) -> None:
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for one in [pool.submit(self.restart, name) for name in names]:
                one.result()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
