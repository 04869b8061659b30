"""How a service is doing, as the gateway sees it."""

from msgspec import Struct


class Standing(Struct, frozen=True, kw_only=True):
    """One service, or its canary, from this process of the gateway."""

    service: str
    canary: bool
    circuit: str
    """`closed`, `open` or `half_open`."""
    under_way: int
    limit: int
    """Of calls under way at once, as it was found."""
