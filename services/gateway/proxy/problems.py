"""Refusals as bytes: the same RFC 9457 documents that services give, and the reasons that only HTTP itself knows."""

import logging
from collections.abc import Mapping

import msgspec

from services.chassis.errors import SoukError
from services.chassis.http.problems import problem_headers, status_of
from services.gateway.proxy.headers import Field

_LOG = logging.getLogger(__name__)


class HttpRefusal(Exception):
    """The request, as HTTP, cannot be served: no service would learn of it."""

    status = 400
    code = "bad_request"
    title = "Bad request"
    headers: tuple[Field, ...] = ()

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail or self.title


class BadRequest(HttpRefusal):
    """It breaks the rules of HTTP, or bends them."""


class MethodUnknown(HttpRefusal):
    """Not one of the methods that anything here is served by."""

    status, code, title = 501, "method_unknown", "Method not implemented"


class MethodNotAllowed(HttpRefusal):
    """The route exists, but not for this method."""

    status, code, title = 405, "method_not_allowed", "Method not allowed"

    def __init__(self, allowed: frozenset[str]) -> None:
        methods = ", ".join(sorted(allowed))
        super().__init__(f"allowed here: {methods}")
        self.headers = ((b"allow", methods.encode()),)


class VersionUnknown(HttpRefusal):
    """Neither HTTP/1.1 nor 1.0."""

    status, code, title = 505, "version_unknown", "HTTP version not supported"


class TransferCodingUnknown(HttpRefusal):
    """A body framed by anything but plain `chunked`."""

    status, code, title = 501, "transfer_coding_unknown", "Transfer coding not implemented"


class HeadTooLarge(HttpRefusal):
    """Its request line and headers pass the limit."""

    status, code, title = 431, "head_too_large", "Request header fields too large"


class TargetTooLong(HttpRefusal):
    """Its target passes the limit."""

    status, code, title = 414, "target_too_long", "URI too long"


class BodyTooLarge(HttpRefusal):
    """Its body passes the limit of the route."""

    status, code, title = 413, "too_large", "Request too large"

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} bytes are taken here")


class TooSlow(HttpRefusal):
    """The request did not arrive in time."""

    status, code, title = 408, "too_slow", "Request timeout"


class GatewayFull(HttpRefusal):
    """The bodies that clients are sending fill the memory set aside for them."""

    status, code, title = 503, "gateway_full", "Temporarily unavailable"
    headers = ((b"retry-after", b"1"),)


class UpgradeUnknown(HttpRefusal):
    """A protocol switch that this route does not make."""

    status, code, title = 400, "upgrade_unknown", "Upgrade not possible"


class ServiceSilent(HttpRefusal):
    """The service gave no usable answer."""

    status, code, title = 502, "bad_gateway", "Bad gateway"


class DeadlinePassed(HttpRefusal):
    """The service did not answer within the route's deadline."""

    status, code, title = 504, "deadline", "Gateway timeout"


class Problem(msgspec.Struct, frozen=True):
    """A refusal, ready to be sent."""

    status: int
    headers: list[Field]
    body: bytes


def render(refusal: SoukError | HttpRefusal, request_id: str) -> Problem:
    """The document and its headers."""
    if isinstance(refusal, SoukError):
        status = status_of(type(refusal))
        facts: Mapping[str, object] = refusal.facts
        headers = [(name.encode(), value.encode()) for name, value in problem_headers(status, facts).items()]
    else:
        status, facts, headers = refusal.status, {}, list(refusal.headers)
    document: dict[str, object] = {
        **facts,
        "type": f"urn:souk:problem:{refusal.code}",
        "title": refusal.title,
        "status": status,
        "detail": refusal.detail,
        "code": refusal.code,
        "instance": f"urn:souk:request:{request_id}",
    }
    body = msgspec.json.encode(document)
    headers += [
        (b"content-type", b"application/problem+json"),
        (b"cache-control", b"no-store"),
        (b"content-length", b"%d" % len(body)),
    ]
    return Problem(status, headers, body)


def fault(error: Exception, request_id: str) -> Problem:
    """A defect of ours. The client learns the request id, the log the rest."""
    _LOG.error("the gateway failed", exc_info=error, extra={"request_id": request_id})
    refusal = HttpRefusal("the request failed for a reason that is ours")
    refusal.status, refusal.code, refusal.title = 500, "fault", "Internal error"
    return render(refusal, request_id)
