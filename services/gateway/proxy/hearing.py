"""Who is told what a service answers: the exchange, or what stands between it and the errand."""

from typing import Protocol

from services.chassis.errors import SoukError
from services.chassis.wire.port import Headers, UpstreamError
from services.gateway.proxy.problems import HttpRefusal


class Hearer(Protocol):
    """Who is told the answer: `head`, `piece`s and `end`; `refuse` instead of `head`, or `tear` after it."""

    def head(self, status: int, headers: Headers) -> None:
        """The service has begun to answer."""

    def piece(self, body: bytes) -> None:
        """The next bytes of the body."""

    def pause(self) -> None:
        """More is to come, but not at once."""

    def end(self) -> None:
        """The answer is whole."""

    def tear(self, error: UpstreamError) -> None:
        """It broke off."""

    def refuse(self, refusal: SoukError | HttpRefusal) -> None:
        """There is none."""


class Tunnelling(Protocol):
    """The service's end of a connection that has left HTTP."""

    def send(self, data: bytes) -> None:
        """Bytes from the client."""

    def hold(self) -> None:
        """The client reads too slowly."""

    def resume(self) -> None:
        """It has caught up."""

    def close(self) -> None:
        """The client is gone."""


class ClientEnd(Protocol):
    """The client's end of the same."""

    def pass_through(self, data: bytes) -> None:
        """Bytes from the service."""

    def hold_tunnel(self, *, full: bool) -> None:
        """Whether the service wants no more for now."""

    def close_tunnel(self) -> None:
        """The service has closed."""
