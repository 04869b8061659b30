"""What the gateway asks of others: auth about API keys and revocations, services about their documents and keys."""

import asyncio
import logging
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.chassis.errors import Unavailable
from services.chassis.identity.checking import KeySource
from services.chassis.peers import PeerRefused, Peers
from services.chassis.wire.port import Call, Upstream, UpstreamError
from services.contracts.auth import ResolveApiKey, ResolvedApiKey, Revocations

DOCUMENT_TIMEOUT_S = 8.0
"""A service writes its document when it is first asked for it, and several of them may share a slow machine."""
READ_TIMEOUT_S = 5.0
_LOG = logging.getLogger(__name__)


class Auth:
    """Asked as a service asks another, so that auth tells its secrets to the gateway alone."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def resolve(self, secret: str) -> ResolvedApiKey | None:
        """Whose key it is; None for no key of ours. Raises `Unavailable`."""
        try:
            return await self._peers.ask(
                "POST", "/internal/v1/api-keys/resolve", ResolveApiKey(api_key=secret), ResolvedApiKey
            )
        except PeerRefused as refused:
            if refused.code == "api_key_refused":
                return None
            raise Unavailable("API keys cannot be checked at the moment") from refused

    async def revocations(self) -> Revocations:
        """Sessions that have ended, while their access tokens may still look valid. Raises `Unavailable`."""
        try:
            return await self._peers.ask("GET", "/internal/v1/revocations", None, Revocations)
        except PeerRefused as refused:
            raise Unavailable("auth does not tell revocations") from refused


class Reader:
    """Public reads, through the gateway's own front and its cache."""

    def __init__(self, front: Upstream) -> None:
        self._front = front

    async def read(self, target: str) -> bytes | None:
        """The JSON at `target`; None if there is nothing. Raises `Unavailable`."""
        call = Call(method="GET", target=target, headers=((b"accept", b"application/json"),))
        try:
            reply = await self._front.call(call, timeout_s=READ_TIMEOUT_S)
        except UpstreamError as failed:
            raise Unavailable(f"{target} gives no answer") from failed
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        if reply.status != HTTPStatus.OK:
            raise Unavailable(f"{target} answers {reply.status}")
        return reply.body


async def fetch_document(upstream: Upstream) -> dict[str, object] | None:
    """A service's OpenAPI document; None while it does not tell."""
    call = Call(method="GET", target="/openapi.json", headers=())
    try:
        reply = await upstream.call(call, timeout_s=DOCUMENT_TIMEOUT_S)
        return msgspec.json.decode(reply.body, type=dict[str, object]) if reply.status == HTTPStatus.OK else None
    except (UpstreamError, msgspec.DecodeError):
        return None


class CallerKeys:
    """The keys that services sign their calls with."""

    def __init__(self, sources: Mapping[str, KeySource]) -> None:
        self._sources = sources
        self._known: dict[str, Mapping[str, Ed25519PublicKey]] = {}

    async def __call__(self) -> Mapping[str, tuple[str, Ed25519PublicKey]]:
        """Key id → service and key. Of a service that does not tell now, those it told last."""
        await asyncio.gather(*(self._ask(service) for service in self._sources))
        return {kid: (service, key) for service, keys in self._known.items() for kid, key in keys.items()}

    async def _ask(self, service: str) -> None:
        try:
            self._known[service] = await self._sources[service]()
        except Unavailable:
            _LOG.warning("a service does not tell its keys", extra={"peer": service})
