"""What staff may change while the gateway runs: close a route, send a share of it elsewhere, move a limit."""

import hashlib
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Missing
from services.gateway.domain.limits import Rule

CANARY_HEADER = b"x-canary"
CERTAIN = 100


class RouteUnknown(Missing):
    """No route of the table has this path."""

    code = "route_unknown"
    title = "No such route"

    def __init__(self, path: str) -> None:
        super().__init__(f"no route has the path {path}", path=path)


class LimitUnknown(Missing):
    """No limit of the table has this name."""

    code = "limit_unknown"
    title = "No such limit"

    def __init__(self, name: str) -> None:
        super().__init__(f"no limit is called {name}", name=name)


class Canary(Struct, frozen=True, kw_only=True):
    """Who goes to the canary: everyone who sends `X-Canary: <header>`, and `weight` of 100 others."""

    header: str | None = None
    weight: int = 0

    def chooses(self, header: bytes | None, seed: bytes) -> bool:
        """The same `seed` (a user, an address) always gets the same answer, so that nobody flips between versions."""
        if self.header is not None and header is not None and header.decode("latin-1") == self.header:
            return True
        if self.weight <= 0:
            return False
        return int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest()) % CERTAIN < self.weight


class RouteOverride(Struct, frozen=True, kw_only=True):
    """What is different for one route."""

    path: str
    closed_s: int | None = None
    """Under maintenance; clients are told to come back after so many seconds."""
    canary_header: str | None = None
    canary_weight: int = 0
    changed_by: UUID
    changed_at: datetime

    @property
    def canary(self) -> Canary | None:
        """None when nobody goes there."""
        if self.canary_header is None and self.canary_weight == 0:
            return None
        return Canary(header=self.canary_header, weight=self.canary_weight)


class LimitOverride(Struct, frozen=True, kw_only=True):
    """What is different for one limit."""

    name: str
    burst: int
    per_s: float
    changed_by: UUID
    changed_at: datetime

    @property
    def rule(self) -> Rule:
        """In the limit's place."""
        return Rule(name=self.name, burst=self.burst, per_s=self.per_s)


class Overrides(Struct, frozen=True, kw_only=True):
    """All of them."""

    routes: list[RouteOverride] = []
    limits: list[LimitOverride] = []
