"""An upstream that does what a test tells it, byte by byte."""

import asyncio
from collections.abc import Awaitable, Callable

from services.chassis.wire.origin import Origin

Answering = Callable[["Visit"], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"


class Visit:
    """One request on one connection."""

    def __init__(self, connection: int, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        self.connection = connection
        self.head = head
        self.body = body
        self.writer = writer

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n")[0].decode()

    def header(self, name: str) -> str | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode().lower() == name:
                return value.strip().decode()
        return None

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def hang_up(self) -> None:
        self.writer.close()


async def say_ok(visit: Visit) -> None:
    await visit.send(OK)


class FakeOrigin:
    """Listens on a free port; every request is kept in `visits` and answered by `answer`."""

    def __init__(self, answer: Answering = say_ok) -> None:
        self.answer = answer
        self.visits: list[Visit] = []
        self.connections = 0
        self.gone = asyncio.Event()
        """A client has closed its connection."""
        self._server: asyncio.Server
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def origin(self) -> Origin:
        return Origin(host="127.0.0.1", port=self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    def hang_up_on_all(self) -> None:
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        number = self.connections
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                visit = Visit(number, head, await reader.readexactly(length), writer)
                self.visits.append(visit)
                await self.answer(visit)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        finally:
            writer.close()
