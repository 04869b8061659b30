"""Refusals and faults as RFC 9457 problem documents. The only place that knows HTTP statuses."""

import logging
from collections.abc import Mapping

import asyncpg
import msgspec
import sqlalchemy.exc
from litestar import Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException

from services.chassis.errors import (
    Conflict,
    Denied,
    Invalid,
    Limited,
    Malformed,
    Missing,
    SoukError,
    Unavailable,
    Unproven,
)
from services.chassis.http.access import AnyRequest
from services.chassis.telemetry.context import served

PROBLEM_JSON = "application/problem+json"
RETRY_LATER_S = 1

STATUS: Mapping[type[SoukError], int] = {
    Malformed: 400,
    Unproven: 401,
    Denied: 403,
    Missing: 404,
    Conflict: 409,
    Invalid: 422,
    Limited: 429,
    Unavailable: 503,
}

_HTTP_CODES: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "Malformed request"),
    404: ("missing", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    406: ("not_acceptable", "Not acceptable"),
    413: ("too_large", "Request too large"),
    415: ("unsupported_media_type", "Unsupported media type"),
}

DATABASE_AWAY = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)
"""What a database that is restarting, gone or full of work raises: the same request may succeed in a second."""

ProblemResponse = Response[bytes]
_LOG = logging.getLogger(__name__)


def status_of(error: type[SoukError]) -> int:
    """The HTTP status of the kind that the reason derives from."""
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def problem(status: int, code: str, title: str, detail: str, facts: Mapping[str, object] | None = None) -> bytes:
    """The document."""
    document: dict[str, object] = {
        "type": f"urn:souk:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": f"urn:souk:request:{served.get().request_id}",
    }
    return msgspec.json.encode({**(facts or {}), **document})


def problem_headers(status: int, facts: Mapping[str, object] | None = None) -> dict[str, str]:
    """The headers that belong to the status."""
    if status == STATUS[Unproven]:
        return {"www-authenticate": 'Bearer realm="souk"'}
    if status in {STATUS[Limited], STATUS[Unavailable]}:
        return {"retry-after": str((facts or {}).get("retry_after_s", RETRY_LATER_S))}
    return {}


def render(error: SoukError) -> tuple[int, bytes, dict[str, str]]:
    """Status, document and headers of a refusal."""
    status = status_of(type(error))
    body = problem(status, error.code, error.title, error.detail, error.facts)
    return status, body, problem_headers(status, error.facts)


def _respond(status: int, body: bytes, headers: dict[str, str]) -> ProblemResponse:
    return Response(body, status_code=status, headers=headers, media_type=PROBLEM_JSON)


def on_refusal(_request: AnyRequest, error: SoukError) -> ProblemResponse:
    """A reason of the trade."""
    return _respond(*render(error))


def on_http_error(_request: AnyRequest, error: HTTPException) -> ProblemResponse:
    """What Litestar refuses by itself: unreadable bodies, unknown paths, wrong methods."""
    status = 400 if isinstance(error, ValidationException | SerializationException) else error.status_code
    if status >= 500:  # noqa: PLR2004 - the HTTP class of server faults.
        return on_fault(_request, error)
    code, title = _HTTP_CODES.get(status, ("refused", "Refused"))
    fitting = isinstance(error, ValidationException) and isinstance(error.extra, list)
    facts = {"errors": error.extra} if fitting else {}
    detail = "some values do not fit; see `errors`" if fitting else error.detail or title
    headers = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    return _respond(status, problem(status, code, title, detail, facts), headers)


def on_database_away(_request: AnyRequest, error: Exception) -> ProblemResponse:
    """The effect is not there, or was committed and its answer lost: idempotency keys tell which."""
    _LOG.warning("a store does not answer", extra={"error": type(error).__name__})
    return _respond(*render(Unavailable("a store does not answer at the moment")))


def on_unreadable(request: AnyRequest, error: UnicodeDecodeError | RecursionError) -> ProblemResponse:
    """A body that the JSON decoder gives up on without saying so in its own words."""
    if isinstance(error, RecursionError) and "deserializing" not in str(error):
        return on_fault(request, error)
    deep = isinstance(error, RecursionError)
    return _respond(*render(Malformed("the body is nested too deeply" if deep else "the body is not UTF-8")))


def on_fault(_request: AnyRequest, error: Exception) -> ProblemResponse:
    """A defect of ours. The client learns the request id, the log the rest."""
    _LOG.error("request failed", exc_info=error)
    return _respond(500, problem(500, "fault", "Internal error", "the request failed for a reason that is ours"), {})
