"""Services in this process that tell what a test wrote down."""

import asyncio
from collections.abc import Mapping

import msgspec
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from services.chassis.wire.asgi import AsgiCarrier
from services.chassis.wire.carrier import Carrier


class Scripted:
    """Path → JSON to tell, or a status to tell instead; what is not there is missing."""

    def __init__(self, **told: object) -> None:
        self.told: dict[str, object] = dict(told)
        self.asked: list[str] = []
        self.delay_s = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == ScopeType.HTTP
        await receive()
        self.asked.append(scope["path"])
        await asyncio.sleep(self.delay_s)
        told = self.told.get(scope["path"], 404)
        status, body = (told, b"{}") if isinstance(told, int) else (200, msgspec.json.encode(told))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


class Town:
    """All services."""

    def __init__(self) -> None:
        self.services = {name: Scripted() for name in ("auth", "users", "items", "orders")}

    def carriers(self) -> Mapping[str, Carrier]:
        return {name: AsgiCarrier(service) for name, service in self.services.items()}
