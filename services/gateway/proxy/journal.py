"""The access log: one structured line for a share of the exchanges, and for every one that failed. No query strings."""

import logging

from services.gateway.proxy.incoming import Incoming

FAILED = 500


class Journal:
    """Writes down one exchange in `every`; 0 for failed ones only."""

    def __init__(self, *, every: int) -> None:
        self._every = every
        self._count = 0
        self._log = logging.getLogger("souk.access")

    def wants(self, status: int) -> bool:
        """Whether this exchange is to be noted."""
        if self._every == 0:
            return status >= FAILED
        self._count += 1
        return status >= FAILED or self._count % self._every == 0

    def note(self, incoming: Incoming, *, status: int, seconds: float, route: str, request_id: bytes) -> None:
        """One exchange is over."""
        self._log.info(
            "request",
            extra={
                "method": incoming.method,
                "route": route,
                "path": incoming.target.partition(b"?")[0].decode("latin-1"),
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
                "request_id": request_id.decode(),
            },
        )
