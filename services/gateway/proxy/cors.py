"""Which pages of other origins may read answers (the Fetch standard's CORS protocol): those that settings name."""

from services.gateway.proxy.headers import Field

MAX_AGE_S = b"600"
ALLOWED_HEADERS = b"authorization, content-type, idempotency-key, if-match, if-none-match, x-cart-token"
EXPOSED_HEADERS = b"etag, location, retry-after, x-request-id"


class Cors:
    """The allowed origins; credentials are tokens, so cookies are never part of it."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self.on = bool(origins)

    def fields(self, origin: bytes | None) -> tuple[Field, ...]:
        """What an answer to `origin` says."""
        if not self.on:
            return ()
        if origin is None or origin not in self._origins:
            return ((b"vary", b"origin"),)
        return (
            (b"vary", b"origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED_HEADERS),
        )

    def preflight(self, origin: bytes | None, methods: frozenset[str]) -> list[Field]:
        """What OPTIONS is answered on a route with these methods; which of them a resource takes, its service knows."""
        fields: list[Field] = []
        if origin is not None and origin in self._origins:
            fields += [
                (b"access-control-allow-methods", ", ".join(sorted(methods)).encode()),
                (b"access-control-allow-headers", ALLOWED_HEADERS),
                (b"access-control-max-age", MAX_AGE_S),
            ]
        return fields
