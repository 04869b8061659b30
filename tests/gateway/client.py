"""A client that sends bytes as a test writes them, and reads answers as they come."""

import asyncio

import msgspec
from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True):
    """One answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @property
    def code(self) -> str:
        """Of a problem document."""
        return str(msgspec.json.decode(self.body, type=dict[str, object]).get("code"))


class RawClient:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def ask(self, data: bytes, *, head_only: bool = False) -> Answer:
        await self.send(data)
        return await self.answer(head_only=head_only)

    async def head(self) -> tuple[int, list[tuple[str, str]]]:
        raw = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        lines = raw.decode("latin-1").split("\r\n")
        fields = [line.partition(": ") for line in lines[1:] if line]
        return int(lines[0].split(" ")[1]), [(name, value) for name, _, value in fields]

    async def answer(self, *, head_only: bool = False) -> Answer:
        status, headers = await self.head()
        named = dict(headers)
        if head_only or status in {204, 304}:
            body = b""
        elif named.get("transfer-encoding") == "chunked":
            body = b"".join([piece async for piece in self])
        elif "content-length" in named:
            body = await asyncio.wait_for(self.reader.readexactly(int(named["content-length"])), 5)
        else:
            body = await asyncio.wait_for(self.reader.read(), 5)
        return Answer(status=status, headers=headers, body=body)

    def __aiter__(self) -> "RawClient":
        return self

    async def __anext__(self) -> bytes:
        """The next chunk."""
        size = int((await asyncio.wait_for(self.reader.readline(), 5)).split(b";")[0], 16)
        piece = await asyncio.wait_for(self.reader.readexactly(size), 5)
        await self.reader.readline()
        if size == 0:
            raise StopAsyncIteration
        return piece

    async def closed(self) -> bool:
        """Whether the gateway closes within a while, having sent nothing more."""
        try:
            return await asyncio.wait_for(self.reader.read(), 3) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.writer.close()
