"""A service's OpenAPI document: Litestar's own, with every refusal and every access rule written in."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from services.chassis.errors import Denied, Limited, Malformed, Missing, SoukError, Unavailable, Unproven
from services.chassis.http.access import Access, Who, access_of
from services.chassis.http.components import Node, reachable
from services.chassis.http.idempotency import KEY_HEADER, KEY_LENGTH_MOST, KeyMissing
from services.chassis.http.problems import PROBLEM_JSON, status_of
from services.chassis.http.shapes import Shapes, given_by, taken_by
from services.chassis.outbox.idempotency import KeyInFlight, KeyReused

JSON = "application/json"
OPEN = frozenset({Who.ANYONE, Who.OUTSIDE})

PROBLEM_SCHEMA: Node = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details; `code` is stable, further members carry the facts.",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
    },
}

_FROM_LITESTAR = {
    400: "malformed",
    404: "missing",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
_FROM_THE_GATEWAY = {
    400: ("ambiguous_target", "bad_request"),
    401: ("token_refused", "token_revoked"),
    408: ("too_slow",),
    414: ("target_too_long",),
    429: ("too_many_requests",),
    431: ("head_too_large",),
    500: ("fault",),
    502: ("bad_gateway",),
    503: ("circuit_open", "gateway_full", "maintenance", "overloaded"),
    504: ("deadline",),
}
_PLAIN = {HTTPStatus.OK: "As asked", HTTPStatus.CREATED: "Made", HTTPStatus.NO_CONTENT: "Done"}
_DESCRIPTIONS = {
    400: "The request cannot be read, or misses what it must have",
    401: "Log in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "The request did not arrive in time",
    409: "Its state does not allow this",
    413: "Request too large",
    414: "Address too long",
    415: "Unsupported media type",
    422: "A value cannot be accepted",
    429: "Too many requests",
    431: "Headers too large",
    500: "A defect",
    502: "The service behind the gateway gave no usable answer",
    503: "Temporarily unavailable",
    504: "No answer within the deadline",
}


def describe(app: Litestar) -> bytes:
    """The document as JSON; `x-souk-access` says who may call each operation."""
    document: Node = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()), type=dict[str, object])
    components, paths = _node(document, "components"), _node(document, "paths")
    schemes = _node(components, "securitySchemes")
    schemes["bearer"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT or API key"}
    operations = list(_operations(app))
    shapes = Shapes(handler for _, _, handler in operations)
    for path, method, handler in operations:
        operation = _node(_node(paths, path), method)
        if operation:
            _tell(operation, access_of(handler.opt))
            _shape(operation, handler, shapes)
    every = {**_node(components, "schemas"), **shapes.components, "Problem": PROBLEM_SCHEMA}
    components["schemas"] = reachable(every, paths)
    return msgspec.json.encode(document)


def _shape(operation: Node, handler: HTTPRouteHandler, shapes: Shapes) -> None:
    taken = taken_by(handler)
    if taken is not None:
        _node(operation, "requestBody")["content"] = {JSON: {"schema": shapes.of(taken)}}
    for status, given in given_by(handler).items():
        response = _node(_node(operation, "responses"), str(status))
        response["content"] = {JSON: {"schema": shapes.of(given)}}


def _operations(app: Litestar) -> Iterable[tuple[str, str, HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if handler.resolve_include_in_schema():
                    yield _as_documented(route), method.lower(), handler


def _as_documented(route: HTTPRoute) -> str:
    parts = [part if isinstance(part, str) else f"{{{part.name}}}" for part in route.path_components]
    return "/" + "/".join(parts)


def _tell(operation: Node, access: Access) -> None:
    operation["security"] = [{}, {"bearer": []}] if access.who in OPEN else [{"bearer": []}]
    operation["x-souk-access"] = {"who": access.who.value, "scope": access.scope, "callers": sorted(access.callers)}
    _require_key(operation)
    responses = _node(operation, "responses")
    _say_plainly(responses)
    for status, codes in sorted(_refusals(operation, access).items()):
        responses[str(status)] = _response(status, codes)


def _say_plainly(responses: Node) -> None:
    """Litestar says what the status means to HTTP, such as "Document created, URL follows"."""
    for status, plain in _PLAIN.items():
        response = _node(responses, str(status.value)) if str(status.value) in responses else {}
        if response.get("description") == status.description:
            response["description"] = plain


def _require_key(operation: Node) -> None:
    """Handlers take it as optional, so that a missing one is refused in words of its own."""
    parameters = operation.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else []:
        if parameter["name"] == KEY_HEADER:
            schema = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MOST}
            parameter.update(required=True, schema=schema)


def _refusals(operation: Node, access: Access) -> Mapping[int, set[str]]:
    reasons: list[type[SoukError]] = [*access.refuses, Malformed, Missing, Unproven, Denied, Limited, Unavailable]
    if KEY_HEADER in str(operation.get("parameters", "")):
        reasons += [KeyMissing, KeyReused, KeyInFlight]
    by_status: dict[int, set[str]] = {}
    for reason in reasons:
        by_status.setdefault(status_of(reason), set()).add(reason.code)
    for status, code in _FROM_LITESTAR.items():
        by_status.setdefault(status, set()).add(code)
    for status, codes in _FROM_THE_GATEWAY.items():
        by_status.setdefault(status, set()).update(codes)
    if access.who not in OPEN:
        by_status[status_of(Unproven)].add("login_needed")
    return by_status


def _response(status: int, codes: set[str]) -> Node:
    schema: Node = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": {"code": {"type": "string", "examples": sorted(codes)}}},
        ]
    }
    return {
        "description": f"{_DESCRIPTIONS[status]}: {', '.join(f'`{code}`' for code in sorted(codes))}",
        "content": {PROBLEM_JSON: {"schema": schema}},
    }


def _node(parent: Node, key: str) -> Node:
    child = parent.setdefault(key, {})
    if not isinstance(child, dict):
        raise TypeError(f"{key} of the OpenAPI document is not an object")
    return child
