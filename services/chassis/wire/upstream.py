"""Calls whose answers are read whole, over either carrier: what a service's clients use."""

import asyncio
import re

from litestar.types import ASGIApp

from services.chassis.wire.asgi import AsgiCarrier
from services.chassis.wire.carrier import Carrier, Patience
from services.chassis.wire.origin import Origin
from services.chassis.wire.pool import Pool, PoolLimits
from services.chassis.wire.port import Call, Headers, Reply, UpstreamError

_SAFE_TARGET = re.compile(r"/[!-~]*")
_SAFE_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_SAFE_VALUE = re.compile(rb"[\t -~\x80-\xff]*")


class WholeAnswer:
    """Gathers an answer, up to a bound."""

    def __init__(self, most: int) -> None:
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._most = most
        self._status = 0
        self._headers: Headers = ()
        self._pieces: list[bytes] = []
        self._size = 0

    def head(self, status: int, headers: Headers) -> None:
        """See `Answer`."""
        self._status = status
        self._headers = headers

    def piece(self, body: bytes) -> None:
        """See `Answer`."""
        self._size += len(body)
        if self._size > self._most:
            self.fail(UpstreamError(f"the answer is larger than {self._most} bytes", sent=True))
        else:
            self._pieces.append(body)

    def pause(self) -> None:
        """See `Answer`."""

    def end(self) -> None:
        """See `Answer`."""
        if not self.reply.done():
            self.reply.set_result(Reply(status=self._status, headers=self._headers, body=b"".join(self._pieces)))

    def fail(self, error: UpstreamError) -> None:
        """See `Answer`."""
        if not self.reply.done():
            self.reply.set_exception(error)


class CarriedUpstream:
    """An `Upstream` over any carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 16 * 1024 * 1024) -> Reply:
        """See `Upstream`. Raises ValueError for a target or header that could not stand on one line."""
        _check(call)
        whole = WholeAnswer(max_bytes)
        flight = self._carrier.send(call, whole, Patience(head_s=timeout_s, idle_s=timeout_s, total_s=timeout_s))
        try:
            return await whole.reply
        finally:
            flight.abort()

    async def close(self) -> None:
        """See `Upstream`."""
        await self._carrier.close()


class TcpUpstream(CarriedUpstream):
    """A service at an address."""

    def __init__(self, origin: Origin, limits: PoolLimits | None = None) -> None:
        super().__init__(Pool(origin, limits))


class AsgiUpstream(CarriedUpstream):
    """A service's application in this process."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(AsgiCarrier(app))


def _check(call: Call) -> None:
    if not _SAFE_TARGET.fullmatch(call.target):
        raise ValueError(f"{call.target!r} is not a request target")
    for name, value in call.headers:
        if not _SAFE_NAME.fullmatch(name) or not _SAFE_VALUE.fullmatch(value):
            raise ValueError(f"header {name!r} cannot be sent")
