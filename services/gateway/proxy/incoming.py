"""A request as a client sent it, and what about it is refused before anything else is looked at.

llhttp has already refused what is not HTTP: both lengths at once, repeated lengths, folded lines, spaces before
colons, bare line feeds, control characters. What is left to refuse is valid but read differently by different servers.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from services.gateway.domain.limits import Purse
from services.gateway.proxy.headers import FORGEABLE, HELD_BACK, SINGLE, SINGLE_PASSED, Field, named_by_connection
from services.gateway.proxy.problems import (
    BadRequest,
    MethodUnknown,
    TargetTooLong,
    TransferCodingUnknown,
    UpgradeUnknown,
    VersionUnknown,
)
from services.gateway.proxy.routing import TARGET_BYTES_MOST

METHODS = {
    b"GET": "GET",
    b"HEAD": "HEAD",
    b"POST": "POST",
    b"PUT": "PUT",
    b"PATCH": "PATCH",
    b"DELETE": "DELETE",
    b"OPTIONS": "OPTIONS",
    b"QUERY": "QUERY",
    b"TRACE": "TRACE",
}
"""Those that are understood. No route takes `QUERY` or `TRACE`."""
READ_ALIKE = b"_"
"""Some servers turn `-` into `_` in names, so `x_souk_identity` could pass for the real one."""


_PLAIN_CONNECTION = frozenset({b"", b"keep-alive", b"close", b"upgrade"})
TOKEN_PROTOCOL = b"bearer."


class Head(Protocol):
    """What llhttp knows of a request besides its target and headers."""

    def get_method(self) -> bytes:
        """As it came."""

    def get_http_version(self) -> str:
        """`1.1`."""

    def should_keep_alive(self) -> bool:
        """Whether the client will go on to use the connection."""


class Peer(Struct):
    """Who is at the other end of a connection."""

    address: str
    field: Field
    """The address as services are told it."""
    purse: Purse


class Incoming(Struct):
    """One request. `fields` are those that may be passed on, `held` the others."""

    method: str
    target: bytes
    fields: list[Field]
    held: dict[bytes, bytes]
    peer: Peer
    keep_alive: bool
    has_body: bool
    """Whether the head announces one."""
    http_1_0: bool = False
    websocket: bool = False
    """Whether it asks to become one."""
    body: bytes = b""
    body_most: int = 0
    buffered: int = 0
    """Bytes of its body that have arrived."""
    complete: bool = False
    """Whether the body has come whole."""


def sort_fields(raw: Sequence[Field]) -> tuple[list[Field], dict[bytes, bytes]]:
    """Headers that may be passed on, and those held back. Raises `BadRequest` for repeated ones that must be single."""
    fields: list[Field] = []
    held: dict[bytes, bytes] = {}
    for field in raw:
        name = field[0]
        if name in HELD_BACK:
            if name in held:
                held[name] = _combine(name, held[name], field[1])
            else:
                held[name] = field[1]
        elif name in SINGLE_PASSED and any(name == other for other, _ in fields):
            raise BadRequest(f"the header {name.decode()} is there twice")
        elif READ_ALIKE not in name and not name.startswith(FORGEABLE):
            fields.append(field)
    return fields, held


def _combine(name: bytes, first: bytes, second: bytes) -> bytes:
    if name in SINGLE:
        raise BadRequest(f"the header {name.decode()} is there twice")
    return first + (b"; " if name == b"cookie" else b", ") + second


def read_head(parser: Head, target: bytes, raw: Sequence[Field], peer: Peer) -> Incoming:
    """The request that llhttp has read the head of. Raises `HttpRefusal`."""
    method = METHODS.get(parser.get_method())
    if method is None:
        raise MethodUnknown
    version = parser.get_http_version()
    if len(target) > TARGET_BYTES_MOST:
        raise TargetTooLong
    fields, held = sort_fields(raw)
    _check(version, held)
    connection = held.get(b"connection", b"").lower()
    if connection not in _PLAIN_CONNECTION:
        hop = named_by_connection(connection)
        fields = [field for field in fields if field[0] not in hop]
    incoming = Incoming(
        method=method,
        target=target,
        fields=fields,
        held=held,
        peer=peer,
        keep_alive=version == "1.1" and parser.should_keep_alive(),
        has_body=b"transfer-encoding" in held or held.get(b"content-length", b"0").strip() != b"0",
        http_1_0=version == "1.0",
    )
    if b"upgrade" in held:
        _read_upgrade(incoming, connection)
    return incoming


def _check(version: str, held: dict[bytes, bytes]) -> None:
    if version not in {"1.1", "1.0"}:
        raise VersionUnknown
    if b"host" not in held and version == "1.1":
        raise BadRequest("the header host is missing")
    coding = held.get(b"transfer-encoding")
    if coding is not None and (version == "1.0" or coding.lower() != b"chunked"):
        raise TransferCodingUnknown


def _read_upgrade(incoming: Incoming, connection: bytes) -> None:
    """Any upgrade but to a WebSocket is ignored, as RFC 9110 allows. Raises `UpgradeUnknown` where that cannot be."""
    if b"upgrade" not in connection:
        return
    if incoming.has_body:
        raise UpgradeUnknown("a request with a body cannot be upgraded")
    if incoming.held[b"upgrade"].lower() != b"websocket" or incoming.method != "GET":
        return
    incoming.websocket = True
    _take_token(incoming)


def _take_token(incoming: Incoming) -> None:
    # Browsers cannot set Authorization on a WebSocket, but they can name subprotocols, and a token makes a valid name.
    kept: list[Field] = []
    for name, value in incoming.fields:
        offered = [entry.strip() for entry in value.split(b",")] if name == b"sec-websocket-protocol" else []
        tokens = [entry for entry in offered if entry.startswith(TOKEN_PROTOCOL)]
        if tokens:
            incoming.held.setdefault(b"authorization", b"Bearer " + tokens[0].removeprefix(TOKEN_PROTOCOL))
            value = b", ".join(entry for entry in offered if entry not in tokens)  # noqa: PLW2901
        if value or not tokens:
            kept.append((name, value))
    incoming.fields = kept
