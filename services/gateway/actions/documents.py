"""One OpenAPI document out of all services' own: names made distinct, internal routes left out."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec

from services.chassis.http.components import COMPONENTS, Node, reachable

Fetch = Callable[[], Awaitable[Node | None]]

VERSION = "3.1.0"
FRESH_S = 60.0
FRESH_WHILE_PARTIAL_S = 3.0
SHARED = frozenset({"Problem"})
"""Components that are the same in every service."""
DESCRIPTION = (
    "Everything is under `/api/v1/`. Log in for an access token, or make an API key, and send either as "
    "`Authorization: Bearer …`. Every refusal is an RFC 9457 problem document; its `code` is stable."
)


class Leads(Protocol):
    """The table of routes."""

    def __call__(self, path: str, method: str) -> bool:
        """Whether the gateway serves this to the outside."""


def merge(documents: Mapping[str, Node], leads: Leads) -> Node:
    """Service → its document. Operations and components are named `<service>.<name>` in the result."""
    paths: Node = {}
    schemas: Node = {}
    for service, document in sorted(documents.items()):
        renamed = _as_node(_follow(document, service))
        for path, methods in _members(renamed, "paths").items():
            served = {key: value for key, value in _as_node(methods).items() if leads(path, key.upper())}
            for method, operation in served.items():
                _label(_as_node(operation), service, f"{method}:{path}")
            if served:
                paths[path] = {**_as_node(paths.get(path, {})), **served}
        for name, schema in _members(_as_node(renamed.get("components", {})), "schemas").items():
            schemas[name if name in SHARED else f"{service}.{name}"] = schema
    return {
        "openapi": VERSION,
        "info": {"title": "Souk", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": service} for service in sorted(documents)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": reachable(schemas, paths),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT or API key"}},
        },
    }


def _follow(value: object, service: str) -> object:
    if isinstance(value, dict):
        return {key: _refer(key, item, service) for key, item in value.items()}
    if isinstance(value, list):
        return [_follow(item, service) for item in value]
    return value


def _refer(key: str, value: object, service: str) -> object:
    if key == "$ref" and isinstance(value, str) and value.startswith(COMPONENTS):
        name = value.removeprefix(COMPONENTS)
        return value if name in SHARED else f"{COMPONENTS}{service}.{name}"
    if key == "mapping" and isinstance(value, dict):
        return {kind: _refer("$ref", target, service) for kind, target in value.items()}
    return _follow(value, service)


def _label(operation: Node, service: str, place: str) -> None:
    operation["operationId"] = f"{service}.{operation.get('operationId', place)}"
    operation["tags"] = [service]


def _members(node: Node, key: str) -> Node:
    return _as_node(node.get(key, {}))


def _as_node(value: object) -> Node:
    if not isinstance(value, dict):
        raise TypeError(f"an OpenAPI document has {value!r} where an object belongs")
    return value


class Documents:
    """The merged document, made again when it is old or somebody did not tell theirs."""

    def __init__(
        self, sources: Mapping[str, Fetch], leads: Leads, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._sources = sources
        self._leads = leads
        self._now = now
        self._told: dict[str, Node] = {}
        self._merged = b""
        self._fresh_until = float("-inf")
        self._merging = asyncio.Lock()

    async def current(self) -> bytes:
        """As JSON; `x-souk-missing` names services that have not told their document yet."""
        async with self._merging:
            if self._now() >= self._fresh_until:
                missing = await self._fetch()
                document = merge(self._told, self._leads)
                if missing:
                    document["x-souk-missing"] = missing
                self._merged = msgspec.json.encode(document)
                self._fresh_until = self._now() + (FRESH_WHILE_PARTIAL_S if missing else FRESH_S)
        return self._merged

    async def _fetch(self) -> list[str]:
        await asyncio.gather(*(self._ask(service) for service in self._sources))
        return sorted(self._sources.keys() - self._told.keys())

    async def _ask(self, service: str) -> None:
        document = await self._sources[service]()
        if document is not None:
            self._told[service] = document
