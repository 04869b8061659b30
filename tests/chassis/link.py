"""A line to a server that a test can cut or make silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Link:
    """Forwards to `host:port` while it is up."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.silent = False
        self.open_most = 0

    async def restore(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse and reset connections."""
        if self._server is not None:
            self._server.close()
            for writer in set(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection(*self._target)
            self._writers |= {writer, there_writer}
            self.open_most = max(self.open_most, len(self._writers) // 2)
            try:
                await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
            finally:
                self._writers -= {writer, there_writer}
                writer.close()
                there_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            if not self.silent:
                writer.write(chunk)
        writer.close()


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[Link]:
    """A link to the server at `url`, up."""
    address = urlsplit(url)
    link = Link(address.hostname or "127.0.0.1", address.port or 0)
    await link.restore()
    try:
        yield link
    finally:
        await link.cut()
