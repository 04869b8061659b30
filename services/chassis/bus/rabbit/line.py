"""A connection that is opened again when it was lost, with the topology declared before anything uses it."""

import asyncio
from contextlib import suppress

from aiormq import Connection
from aiormq.abc import AbstractConnection

from services.chassis.bus.rabbit.answers import Away, Backoff, answered
from services.chassis.bus.rabbit.topology import Topology

CONNECT_S = 3.0
BLOCKED_S = 0.5
"""How long to wait for a broker that has asked publishers to hold on."""
CLOSE_S = 3.0
HEARTBEAT_S = 10


class Line:
    """At most one connection at a time; who needs two at once has two lines."""

    def __init__(self, url: str, topology: Topology) -> None:
        """What `url` says of `heartbeat` wins over what is added here."""
        self._url = f"{url}{'&' if '?' in url else '?'}heartbeat={HEARTBEAT_S}"
        self._topology = topology
        self._declared = -1
        self._connection: AbstractConnection | None = None
        self._backoff = Backoff()
        self._not_before = 0.0
        self._opening = asyncio.Lock()

    async def connection(self) -> AbstractConnection:
        """Raises `Away`, and at once for a while after it did so: nobody waits through an outage."""
        async with self._opening:
            time = asyncio.get_running_loop().time
            if time() < self._not_before:
                raise Away("the broker was away a moment ago")
            try:
                connection = await self._ready()
            except Away:
                self._not_before = time() + self._backoff.next_s()
                raise
            self._backoff.reset()
            return connection

    async def drop(self) -> None:
        """Let go of the connection; the next use opens another."""
        connection, self._connection, self._declared = self._connection, None, -1
        if connection is not None:
            with suppress(Away):  # It may be lost already, which is what is wanted.
                await answered(connection.close(), within_s=CLOSE_S)

    async def _ready(self) -> AbstractConnection:
        if self._connection is None or not self._connection.is_opened:
            await self.drop()
            self._connection = await answered(_connect(self._url), within_s=CONNECT_S)
        connection = self._connection
        if self._declared != self._topology.revision:
            await self._declare(connection)
        await answered(connection.ready(), within_s=BLOCKED_S)
        return connection

    async def _declare(self, connection: AbstractConnection) -> None:
        revision = self._topology.revision
        channel = await answered(connection.channel(publisher_confirms=False))
        await self._topology.declare(channel)
        await answered(channel.close())
        self._declared = revision


async def _connect(url: str) -> AbstractConnection:
    connection = Connection(url)
    await connection.connect()
    return connection
