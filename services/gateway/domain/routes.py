"""The shape of the gateway's table: what a route, an internal edge and a purge say. The table is `edges.py`."""

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

from services.contracts.message import Event
from services.gateway.domain.concurrency import Priority
from services.gateway.domain.limits import Rule

READS = frozenset({"GET", "HEAD"})
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Access(Enum):
    """Who gets past the gateway; finer rules are the service's own."""

    PUBLIC = "public"
    USER = "user"
    SERVICE = "service"
    """Only on the internal listener, for the callers its edges name."""


class By(Enum):
    """Whose limit a request draws on."""

    ADDRESS = "address"
    VISITOR = "visitor"
    """The user or API key; the address for those who have not said who they are."""


class RateLimit(Struct, frozen=True, kw_only=True):
    """A limit that a route's requests draw on."""

    by: By
    rule: Rule


class Caching(Struct, frozen=True, kw_only=True):
    """Answers are kept and given to anyone, so the service is asked without saying for whom."""

    ttl_s: float
    tags: tuple[str, ...]
    """What the answer is made of: `item:{id}` with the path's own names. A purge of a tag forgets it."""
    vary: tuple[str, ...] = ()
    """Request headers, in lower case, that the answer depends on."""


class Route(Struct, frozen=True, kw_only=True):
    """Requests to `path` and everything below it, by the longest path that fits."""

    path: str
    """`/api/v1/items/{id}`: a name in braces stands for one segment."""
    methods: frozenset[str]
    service: str
    access: Access = Access.PUBLIC
    priority: Priority = Priority.BROWSE
    limits: tuple[RateLimit, ...] = ()
    """Beside those that every request draws on."""
    timeout_s: float = 10.0
    body_bytes: int = 1_000_000
    cache: Caching | None = None
    streams: bool = False
    """Answers never end by themselves (server-sent events): only their silence is limited, by `timeout_s`."""
    websocket: bool = False
    cookies: bool = False
    """Whether the service may see and set cookies."""


class Edge(Struct, frozen=True, kw_only=True):
    """What one service may ask of another through the internal listener."""

    caller: str
    methods: frozenset[str]
    path: str
    target: str
    timeout_s: float = 5.0
    body_bytes: int = 1_000_000


class Purge(Struct, frozen=True, kw_only=True):
    """An event and the cached answers it makes wrong."""

    event: type[Event]
    tags: tuple[str, ...]
    """`item:{item_id}`: names in braces are fields of the event."""


def lead(edges: Iterable[Edge]) -> list[Route]:
    """The internal listener's routes; several callers may share one."""
    merged: dict[tuple[str, str], Route] = {}
    for edge in edges:
        for method in edge.methods:
            merged[edge.path, method] = Route(
                path=edge.path,
                methods=frozenset({method}),
                service=edge.target,
                access=Access.SERVICE,
                priority=Priority.CHECKOUT,
                timeout_s=edge.timeout_s,
                body_bytes=edge.body_bytes,
            )
    return list(merged.values())


def admitted(edges: Iterable[Edge]) -> dict[tuple[str, str], frozenset[str]]:
    """Path and method → who may call."""
    callers: dict[tuple[str, str], frozenset[str]] = {}
    for edge in edges:
        for method in edge.methods:
            callers[edge.path, method] = callers.get((edge.path, method), frozenset()) | {edge.caller}
    return callers
