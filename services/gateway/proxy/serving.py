"""Listeners under uvicorn: it owns sockets, signals and lifespan, `ClientConnection` owns the protocol."""

import asyncio
from collections.abc import Awaitable, Callable

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from services.gateway.proxy.connection import ClientConnection
from services.gateway.proxy.listening import Listening


def protocol_for(listening: Listening) -> type[asyncio.Protocol]:
    """The class to give to `uvicorn.Config(http=…)`."""

    class Connection(ClientConnection):
        """Known to uvicorn, which tells its connections to `shutdown` and waits until they are gone."""

        __slots__ = ("_state",)

        def __init__(
            self,
            config: Config,  # noqa: ARG002 - uvicorn gives all of these by name.
            server_state: ServerState,
            app_state: dict[str, object],  # noqa: ARG002
            _loop: asyncio.AbstractEventLoop | None = None,
        ) -> None:
            super().__init__(listening)
            self._state = server_state

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            """See `asyncio.Protocol`."""
            self._state.connections.add(self)  # type: ignore[arg-type] # It lists its own classes; any with `shutdown` do.
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            """See `asyncio.Protocol`."""
            self._state.connections.discard(self)
            super().connection_lost(exc)

    return Connection


def websocket_end(app: Callable[..., Awaitable[None]]) -> asyncio.Protocol:
    """The server side of one WebSocket, for an application in this process."""
    config = Config(app, log_config=None, lifespan="off", ws="websockets-sansio", access_log=False)
    return WebSocketsSansIOProtocol(config, ServerState(), {})
