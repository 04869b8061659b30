"""The connection to Elasticsearch, and which of its failures mean that it is away.

Of Elasticsearch's client this is the transport alone. The rest, a method for each of its 500 calls, would take a
quarter of the memory that a service may hold, and on every search more time than the engine's answer is read in.
"""

from collections.abc import Awaitable, Sequence

import msgspec
from elastic_transport import AsyncTransport, Serializer, TransportError
from elastic_transport.client_utils import url_to_node_config
from msgspec import Struct, field

from services.chassis.search.elastic.mapping import Json
from services.chassis.search.elastic.node import WireNode
from services.chassis.search.errors import SearchAway

TIMEOUT_S = 2.0
BULK_TIMEOUT_S = 30.0
MISSING = 404
_AWAY = frozenset({MISSING, 429, 502, 503, 504})
"""404 too: an index that is not there has not been prepared yet."""
_OK = range(200, 300)
_JSON = "application/vnd.elasticsearch+json"
_LINES = "application/vnd.elasticsearch+x-ndjson"
_VERSION = "; compatible-with=9"


class EngineRefused(Exception):
    """It answers, and says no. `kind` is what it calls the reason."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(f"the search engine answers {status}: {kind}")
        self.status = status
        self.kind = kind


class Engine:
    """One Elasticsearch. Its answers are JSON, not decoded yet."""

    def __init__(self, transport: AsyncTransport, *, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s

    async def ask(self, method: str, target: str, body: Json | None = None, *, timeout_s: float | None = None) -> bytes:
        """The answer. Raises `SearchAway` when there is none, `EngineRefused` for a no."""
        encoded = None if body is None else msgspec.json.encode(body)
        return await self._answered(method, target, encoded, media=_JSON, timeout_s=timeout_s or self._timeout_s)

    async def write(self, lines: Sequence[Json]) -> bytes:
        """What became of each of them; raises as `ask` does."""
        body = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        return await self._answered("POST", "/_bulk", body, media=_LINES, timeout_s=BULK_TIMEOUT_S)

    async def close(self) -> None:
        """Close its connections."""
        await self._transport.close()

    async def _answered(self, method: str, target: str, body: bytes | None, *, media: str, timeout_s: float) -> bytes:
        headers = {"accept": _JSON + _VERSION, "content-type": media + _VERSION}
        try:
            meta, answer = await self._transport.perform_request(
                method, target, body=body, headers=headers, request_timeout=timeout_s
            )
        except TransportError as away:
            raise SearchAway(f"the search engine does not answer: {away}") from away
        encoded = bytes(answer or b"")
        if meta.status not in _OK:
            raise EngineRefused(meta.status, _kind(encoded))
        return encoded


async def unless_away(answer: Awaitable[bytes]) -> bytes:
    """An answer. Raises `SearchAway` when it is one that only says that the engine cannot serve now."""
    try:
        return await answer
    except EngineRefused as refused:
        if refused.status not in _AWAY:
            raise
        raise SearchAway(str(refused)) from refused


class _Reason(Struct, frozen=True):
    kind: str = field(name="type", default="unknown")


class _Problem(Struct, frozen=True):
    error: _Reason | str


def _kind(body: bytes) -> str:
    try:
        error = msgspec.json.decode(body, type=_Problem).error
    except msgspec.DecodeError:  # Something before the engine has answered for it.
        return "unknown"
    return error if isinstance(error, str) else error.kind


class _AsItIs(Serializer):
    """Bodies are encoded and decoded where their types are known."""

    def dumps(self, data: bytes) -> bytes:
        """As it is."""
        return data

    def loads(self, data: bytes) -> bytes:
        """As it is."""
        return data


_BODIES = dict.fromkeys((_JSON, _LINES, "application/json", "text/*"), _AsItIs())


def connect_elasticsearch(url: str, *, timeout_s: float = TIMEOUT_S) -> Engine:
    """`url` is `http://…` or `https://…`, with user and password where it asks for them. Nothing connects yet."""
    config = url_to_node_config(url, use_default_ports_for_scheme=True)
    transport = AsyncTransport(
        [config],
        node_class="aiohttp" if config.scheme == "https" else WireNode,
        serializers=_BODIES,
        meta_header=False,
        max_retries=1,
    )
    return Engine(transport, timeout_s=timeout_s)
