"""Header fields by what the gateway does with them. Names are in lower case, as bytes."""

from collections.abc import Sequence

Field = tuple[bytes, bytes]

CACHE_CONTROL = b"cache-control"
CONTENT_LENGTH = b"content-length"
CSP = b"content-security-policy"
SET_COOKIE = b"set-cookie"

FORGEABLE = (b"x-souk-", b"x-forwarded-")
"""Beginnings of names that only the gateway may write; whatever comes in under them is dropped."""

HELD_BACK = frozenset(
    {
        b"accept-encoding",
        b"authorization",
        b"connection",
        b"content-length",
        b"cookie",
        b"expect",
        b"forwarded",
        b"host",
        b"keep-alive",
        b"origin",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"traceparent",
        b"tracestate",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"via",
        b"x-canary",
        b"x-real-ip",
        b"x-request-id",
        b"x-souk-timeout-ms",
    }
)
"""Request headers that the gateway reads and answers for: they are not passed on as they came."""

SINGLE = frozenset(
    {b"authorization", b"content-length", b"expect", b"host", b"origin", b"transfer-encoding", b"upgrade"}
)
"""Of these, a second one would let gateway and service each believe another."""

SINGLE_PASSED = frozenset({b"content-type", b"idempotency-key", b"if-match"})
"""The same, among headers that are passed on."""

NOT_TOLD = frozenset(
    {
        b"connection",
        b"date",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-connection",
        b"server",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"via",
        b"x-request-id",
        b"x-souk-tags",
    }
)
"""Answer headers that are between a service and the gateway."""

NOT_TOLD_WITHOUT_COOKIES = NOT_TOLD | {SET_COOKIE}
"""The same where the service may set no cookies."""

DEFAULTED = frozenset({CACHE_CONTROL, CONTENT_LENGTH, CSP})
"""Answer headers in whose absence the gateway says something itself."""

NO_STORE: Field = (CACHE_CONTROL, b"no-store")
"""On answers that do not say how long they may be kept: most are about one user."""

ACCEPT_JSON: Field = (b"accept", b"application/json")

TAGS = b"x-souk-tags"
"""In an answer: further cache tags of what it is made of, separated by spaces."""

SECURITY: tuple[Field, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""On every answer."""

DEFAULT_CSP: Field = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""On answers that bring no policy of their own: data is not a page."""


def tell(headers: Sequence[Field], *, cookies: bool) -> list[Field]:
    """Of a service's answer, what its client may know."""
    hidden = NOT_TOLD if cookies else NOT_TOLD_WITHOUT_COOKIES
    return [field for field in headers if field[0] not in hidden]


def named_by_connection(value: bytes) -> frozenset[bytes]:
    """The further headers that `Connection` declares to be for this hop alone."""
    return frozenset(token.strip().lower() for token in value.split(b",")) - {b"close", b"keep-alive", b"upgrade"}
