"""Where an upstream is: its name, and the addresses the name stands for at the moment.

Names are resolved again and again, since in a cluster the addresses behind one change with every rollout.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

RESOLVE_AGAIN_S = 5.0

Address = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A host and port as settings name them."""

    host: str
    port: int

    @property
    def authority(self) -> bytes:
        """What goes into the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}".encode()


def read_origin(url: str) -> Origin:
    """From `http://host:port`. Raises ValueError for anything with more to it."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.username:
        raise ValueError(f"{url} is not of the form http://host:port")
    return Origin(host=parts.hostname, port=parts.port or 80)


LookUp = Callable[[Origin], Awaitable[Sequence[Address]]]
"""Asks for the addresses of a name. Raises OSError."""


async def ask_resolver(origin: Origin) -> Sequence[Address]:
    """Through the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    return [(str(entry[4][0]), origin.port) for entry in found]


class Addresses:
    """The addresses of one origin, in turn. An address that has vanished from the name is not `current` any more."""

    def __init__(
        self, origin: Origin, *, look_up: LookUp = ask_resolver, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._origin = origin
        self._look_up = look_up
        self._now = now
        self._known: list[Address] = []
        self._resolved_at = float("-inf")
        self._turn = 0
        self._resolving = asyncio.Lock()

    async def next(self) -> Address:
        """Raises OSError when the name cannot be resolved and never could."""
        if self.stale():
            await self.resolve()
        self._turn += 1
        return self._known[self._turn % len(self._known)]

    async def resolve(self) -> None:
        """Ask the resolver; keeps what is known when it does not answer."""
        async with self._resolving:
            if not self.stale():
                return
            try:
                self._known = sorted(set(await self._look_up(self._origin)))
            except OSError:
                if not self._known:
                    raise
            self._resolved_at = self._now()

    def forget(self) -> None:
        """Resolve before the next connection: the last one could not be made."""
        self._resolved_at = float("-inf")

    def current(self, address: Address) -> bool:
        """Whether the name still stands for `address`."""
        return address in self._known

    def stale(self) -> bool:
        """Whether it is time to resolve again."""
        return self._now() - self._resolved_at >= RESOLVE_AGAIN_S
