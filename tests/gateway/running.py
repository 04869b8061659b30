"""A gateway on loopback before scripted services: its data plane whole, without the control plane around it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry

from services.chassis.identity.checking import Publics
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.identity.tokens import ACCESS_TTL_S, GATEWAY_AUDIENCE, AccessClaims, Role, sign
from services.chassis.ids import uuid7
from services.chassis.wire.carrier import Carrier
from services.chassis.wire.pool import Pool, PoolLimits
from services.contracts.auth import ResolvedApiKey
from services.gateway.domain.limits import Rule
from services.gateway.domain.routes import READS, WRITES, Access, Caching, Route
from services.gateway.proxy.caching import ResponseCache
from services.gateway.proxy.connection import ClientConnection
from services.gateway.proxy.cors import Cors
from services.gateway.proxy.doors import AUTH_ISSUER, PublicDoor
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.keeping import Reading
from services.gateway.proxy.lanes import Lanes, Target
from services.gateway.proxy.limiting import Limits
from services.gateway.proxy.listening import Bounds, Listening
from services.gateway.proxy.metering import Meter
from services.gateway.proxy.minting import Minter
from services.gateway.proxy.tracing import Tracing
from tests.chassis.wire.origin import FakeOrigin
from tests.gateway.client import RawClient

ALL = READS | WRITES
ROUTES = (
    Route(path="/api/v1/open", methods=ALL, service="items", timeout_s=2, body_bytes=1000),
    Route(path="/api/v1/own", methods=ALL, service="items", access=Access.USER, timeout_s=2),
    Route(path="/api/v1/shelf/{id}", methods=READS, service="items", cache=Caching(ttl_s=60, tags=("item:{id}",))),
    Route(path="/api/v1/live", methods=READS, service="items", timeout_s=0.5, streams=True),
    Route(path="/api/v1/chat", methods=READS, service="items", access=Access.USER, websocket=True),
    Route(path="/api/v1/hasty", methods=ALL, service="items", timeout_s=0.3),
)


class Clock:
    """Wall time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class FakeDesk:
    """Auth's knowledge of API keys."""

    def __init__(self) -> None:
        self.keys: dict[str, ResolvedApiKey] = {}
        self.asked = 0
        self.delay_s = 0.0

    async def resolve(self, secret: str) -> ResolvedApiKey | None:
        self.asked += 1
        await asyncio.sleep(self.delay_s)
        return self.keys.get(secret)


class RunningGateway:
    """Stop it at the end."""

    def __init__(self, folder: Path, items: FakeOrigin) -> None:
        self.items = items
        self.clock = Clock()
        self.desk = FakeDesk()
        make_key(folder / "auth")
        make_key(folder / "gateway")
        self.auth_keys = KeyRing(folder / "auth", now=self.clock)
        self.keys = KeyRing(folder / "gateway", now=self.clock)
        self.registry = CollectorRegistry()
        self.door: PublicDoor
        self.gate: Gate
        self.lanes: Lanes
        self.target: Target
        self.pool: Carrier
        self._server: asyncio.Server
        self._clients: list[RawClient] = []

    async def start(
        self,
        routes: Sequence[Route] = ROUTES,
        *,
        bounds: Bounds | None = None,
        rules: Sequence[Rule] = (),
        origins: frozenset[str] = frozenset(),
        carrier: Carrier | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        meter = Meter("public", self.registry)
        self.pool = carrier or Pool(self.items.origin, PoolLimits(connect_s=0.5))
        self.target = Target("items", self.pool)
        self.lanes = Lanes(routes, {"items": self.target}, meter)
        self.door = PublicDoor(self._auth_publics, self.desk, wall=self.clock)
        self.gate = Gate(
            self.lanes.table,
            self.door,
            Minter(self.keys, now=self.clock),
            meter,
            limits=Limits(*rules),
            reading=Reading(ResponseCache()),
            cors=Cors(origins),
            tracing=tracing,
        )
        listening = Listening(self.gate, bounds or Bounds(), wall=self.clock)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: ClientConnection(listening), "127.0.0.1", 0)

    async def stop(self) -> None:
        for client in self._clients:
            client.close()
        self._server.close()
        self.items.hang_up_on_all()
        await self.pool.close()

    async def client(self) -> RawClient:
        port = self._server.sockets[0].getsockname()[1]
        client = RawClient(*await asyncio.open_connection("127.0.0.1", port))
        self._clients.append(client)
        return client

    def token(
        self,
        user: UUID | None = None,
        *,
        session: UUID | None = None,
        roles: frozenset[Role] = frozenset({"buyer"}),
        lives_s: int = ACCESS_TTL_S,
        changed: Mapping[str, str] | None = None,
    ) -> str:
        """An access token such as auth gives."""
        now = int(self.clock())
        told = {"iss": AUTH_ISSUER, "aud": GATEWAY_AUDIENCE, **(changed or {})}
        claims = AccessClaims(
            iss=told["iss"],
            aud=told["aud"],
            sub=user or uuid7(),
            sid=session or uuid7(),
            roles=roles,
            iat=now,
            exp=now + lives_s,
            jti=uuid7(),
        )
        return sign(claims, self.auth_keys.signing())

    async def _auth_publics(self) -> Publics:
        return self.auth_keys.publics()


def get(target: str, *headers: str, method: str = "GET") -> bytes:
    """A request without a body."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: souk", *headers, "", ""]).encode("latin-1")


def post(target: str, body: bytes, *headers: str, method: str = "POST") -> bytes:
    """A request with one."""
    return get(target, f"Content-Length: {len(body)}", *headers, method=method) + body


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"
