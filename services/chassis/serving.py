"""Serving HTTP with uvicorn, and leaving without failing anyone.

On SIGTERM or SIGINT readiness turns false at once, requests under way are finished, then the process ends. A second
signal ends it at once.
"""

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from litestar.types import ASGIApp

from services.chassis.http.health import Health
from services.chassis.settings import CannotStart

SIGNALS = (signal.SIGTERM, signal.SIGINT)
KEEP_ALIVE_S = 65
"""Longer than any client in front of us keeps an idle connection, so that it is never us who closes under a request."""


class PortTaken(CannotStart):
    """Something else listens there."""


class AddressUnusable(CannotStart):
    """Not an address of this machine, or not for this user."""


def bind(host: str, port: int) -> socket.socket:
    """A socket to listen on; port 0 takes a free one. Raises `PortTaken`, `AddressUnusable`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as failed:
        listener.close()
        if failed.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} is taken by another program: choose another") from failed
        raise AddressUnusable(f"cannot listen at {host}, port {port}: {failed.strerror}") from failed
    return listener


def port_of(listener: socket.socket) -> int:
    """Where it listens."""
    return int(listener.getsockname()[1])


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to `until_told_to_stop`, so that several can share a process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured here."""
        yield


def make_server(app: ASGIApp, *, drain_s: float, protocol: type[asyncio.Protocol] | None = None) -> Server:
    """A server that is not running yet; `protocol` takes the place of uvicorn's own HTTP."""
    return Server(
        uvicorn.Config(
            app,
            loop="none",
            http=protocol or "httptools",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=int(drain_s) or 1,
        )
    )


async def serve(server: Server, listener: socket.socket, health: Health, stop: asyncio.Event) -> None:
    """Serve until `stop`, then drain."""
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    health.draining = True
    server.should_exit = True
    await serving


@contextmanager
def until_told_to_stop() -> Iterator[asyncio.Event]:
    """An event that the first signal sets; a second one has the system's own effect."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def tell() -> None:
        stop.set()
        for told in SIGNALS:
            loop.remove_signal_handler(told)

    for wanted in SIGNALS:
        loop.add_signal_handler(wanted, tell)
    try:
        yield stop
    finally:
        for wanted in SIGNALS:
            loop.remove_signal_handler(wanted)
